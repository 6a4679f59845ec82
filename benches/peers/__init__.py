"""What other programs need for the same case, and whether they find the same: CLIMADA 6.1.0 and ema_workbench 2.5.3.

Both live in environments of their own under `var/peers/` and run as processes of their own; NPZ and JSON files go to
and fro. CLIMADA is under GPL-3: nothing of it is imported or copied here. `python -m benches.peers --help`.
"""
