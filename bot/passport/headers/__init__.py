"""What a model's files say of themselves: headers alone are read, of the formats that have one."""
