"""The words everybody uses: money, meters, quantities, periods, ids. Pure: no I/O, no clock, no random."""
