"""What everything stands on: errors, arrays, coordinate systems, settings, contracts."""
