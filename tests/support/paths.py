"""Where the checkout keeps what tests read."""

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROMPTS = ROOT / "config" / "prompts"
