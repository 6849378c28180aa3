"""Which articles the demonstration's customers can find at the moment, topic by topic."""

from __future__ import annotations

from portal.demo_script import LANGS, Script
from portal.simulated_topics import Topic


class Stage:
    """Every topic of the script as it is now. It begins as the script says and follows what the team publishes."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._topics = {name: script.topic(name) for name in script.topics}
        for plot in script.plots:
            if plot.begins in ("missing", "removed"):
                self.show(plot.topic, langs=())
            elif plot.begins == "one_language":
                self.show(plot.topic, langs=tuple(lang for lang in LANGS if lang != plot.lacks), truth="wrong_language")
            elif plot.begins == "unhelpful":
                self.show(plot.topic, truth="unhelpful")

    def show(self, topic: str, *, langs: tuple[str, ...] = LANGS, truth: str = "kept") -> None:
        """From now on the topic's article is there in these languages."""
        self._topics[topic] = self._script.topic(topic, langs=langs, truth=truth)

    def topic(self, name: str) -> Topic:
        """The topic as customers meet it now."""
        return self._topics[name]

    @property
    def topics(self) -> tuple[Topic, ...]:
        return tuple(self._topics.values())
