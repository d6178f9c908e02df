"""What a sync decides, without a source or a clock: windows, differences, drift, histories."""
