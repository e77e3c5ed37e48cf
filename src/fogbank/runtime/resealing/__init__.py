"""After the sealing keys were rotated: everything sealed is sealed anew, and keys that nothing needs are dropped."""

from fogbank.runtime.resealing.service import Resealed, Resealing

__all__ = ["Resealed", "Resealing"]
