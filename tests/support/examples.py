"""How Hypothesis goes about its examples: two profiles, and how a test asks for more or fewer than others.

`steady`, the default, is the same every time: a change is judged by what it changes, not by the luck of a
draw, and nothing is judged by the wall clock of a loaded machine. `explore` (`make explore`) draws anew and a
lot more; what it finds is mended, and kept as a plain test.

A test says how many examples it wants as a multiple, never as a number, or exploring would not reach it. It
says nothing about a deadline: a test about time measures the CPU's.
"""

import os

from hypothesis import HealthCheck, settings

_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)


def load_profile() -> None:
    """Go by the profile that HYPOTHESIS_PROFILE names; to be called before any test module is imported."""
    settings.register_profile("steady", _PATIENT, derandomize=True, max_examples=100)
    settings.register_profile("explore", _PATIENT, derandomize=False, max_examples=3000)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def examples(times: float) -> settings:
    """As many times the profile's number of examples, else as the profile has it."""
    profile = settings.get_profile(settings.get_current_profile_name())
    return settings(profile, max_examples=max(1, round(profile.max_examples * times)))
