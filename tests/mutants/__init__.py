"""A mutation run: one line is broken at a time, and the tests that cover it must notice. `make mutants`.

The breaks are mutmut's own operators (the best kept tool: 3.8 of October 2026) with three of ours. Its driver is not
used: it breaks neither constants of a module nor decorated functions (`secure_delete`, a number's memory cost and every
`open` are such), finds tests by function, not by line, and draws no sample. cosmic-ray can be asked for single breaks
too, but knows neither strings nor arguments nor lost lines; mutatest and mutpy are kept no more.

"no test" in the list also means: only tests that start processes of their own run that line (commands, kills).
"killed" may once be a test that a busy machine made fail; "k of n tests" says that the time was over before the rest.
"""
