"""What `fogbank bench` measures, one module each. They start what they need themselves and clean up."""
