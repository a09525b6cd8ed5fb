"""How the operators are computed: compiled for the CPU (`numba`), or by torch anywhere (`torch`)."""
