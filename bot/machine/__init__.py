"""What the machine under us gives: SQLite files that keep, ports that listen, disks, a process, quiet logs.

Several rooms need these (store, intake and alarm each keep a database; intake and phone page are served), and they know
nothing of reports: errors alone.
"""
