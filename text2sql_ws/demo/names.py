"""Names of people: a family name and a given name, no two alike. Nobody real is meant."""

from random import Random

_FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
)
_MALE = (
    "伟 强 磊 军 勇 杰 涛 明 超 鹏 浩然 子轩 志远 建国 文博 俊杰 天宇 嘉豪 海波 晓东 "
    "立群 国栋 宏伟 家辉 振华 思源 泽宇 永康 世杰 培林"
)
_FEMALE = (
    "芳 娜 敏 静 丽 艳 娟 霞 燕 洁 雨欣 梓涵 晓雯 佳怡 思琪 婉婷 雅静 文慧 秀英 美玲 "
    "春梅 欣然 若曦 可馨 诗涵 慧敏 淑华 晓彤 心怡 玉兰"
)
_GIVEN: dict[str, tuple[str, ...]] = {"男": tuple(_MALE.split()), "女": tuple(_FEMALE.split())}


class People:
    """Gives out (name, gender), each name once. It can name 3,000 people and then loops for ever."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def next(self) -> tuple[str, str]:
        while True:
            gender = "男" if self._rng.random() < 0.58 else "女"
            name = self._rng.choice(_FAMILY) + self._rng.choice(_GIVEN[gender])
            if name not in self._taken:
                self._taken.add(name)
                return name, gender
