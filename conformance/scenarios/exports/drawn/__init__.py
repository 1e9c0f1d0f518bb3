"""Labels as people draw them: turned, of odd shapes, on pictures of any size and name."""
