"""GPUs: which of them an instance holds, and for how long. A second source beside whatever measures the instance."""
