"""What stands around a Label Studio where people run it: nginx, uWSGI."""
