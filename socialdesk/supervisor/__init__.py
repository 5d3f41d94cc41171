"""The desk's processes under one roof: started, watched, restarted, and stopped together."""
