"""What an operator runs: doctor, backup, init, keys, open, metrics. To read only, it may use flow and words."""
