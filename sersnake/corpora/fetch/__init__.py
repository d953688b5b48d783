"""Download, unpacking and checks of a corpus that anybody may download."""
