"""The top: commands, server and jobs, composed of the packages below."""
