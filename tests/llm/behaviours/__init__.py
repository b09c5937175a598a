"""What servers of the chat completions interface were seen to send, or are documented to; by server."""

from tests.llm.behaviours import chinese, framing, hosted, local, openai, proxies
from tests.llm.behaviours.recording import Behaviour

SERVERS: dict[str, tuple[Behaviour, ...]] = {
    **openai.SERVERS,
    **local.SERVERS,
    **hosted.SERVERS,
    **chinese.SERVERS,
    **proxies.SERVERS,
    **framing.SERVERS,
}
