"""`python -m fogbank` is `fogbank`."""

from fogbank.cli.main import main

if __name__ == "__main__":
    main()
