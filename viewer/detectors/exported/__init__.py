"""Exported programs: a network as `torch.export.save` wrote it, tapped as if its modules were still there.

`archive` reads a `.pt2` file after looking for whatever could run code, `passages` gives the program's operations the
module paths they had, so that hooks can stand on them, `adapter` opens the result as a detector. TorchScript archives
are refused here: what is inside them cannot be hooked.
"""
