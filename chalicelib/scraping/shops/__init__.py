"""The shops a stage reads: one module of declarations each, or a JSON file with the same words."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import msgspec

from chalicelib.errors import SettingError
from chalicelib.scraping.shops.declaration import Shop
from chalicelib.settings import Settings

_NOT_SHOPS = {"declaration"}


def declared() -> tuple[str, ...]:
    """Keys of the shops that are declared in this package."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if module.name not in _NOT_SHOPS))


def load(settings: Settings) -> dict[str, Shop]:
    """The shops of a stage by key, in the order of its setting ``SHOPS``.

    An entry is the key of a module here, or the path of a JSON file.  ``SHOP_ORIGINS`` moves a shop to another origin.
    ``SettingError`` names a shop that does not exist or whose declaration is wrong.
    """
    shops = (read(entry) for entry in settings.shops)
    return {shop.key: placed(shop, settings) for shop in shops}


def read(entry: str) -> Shop:
    """The shop of one entry: a key, or the path of a JSON file.  ``SettingError`` when it cannot be had."""
    if entry.endswith(".json"):
        return _from_file(Path(entry))
    if entry not in declared():
        raise SettingError(f"SHOPS names {entry!r}: there are {', '.join(declared())}, or the path of a JSON file")
    shop: Shop = import_module(f"{__name__}.{entry}").SHOP
    return shop.checked()


def _from_file(path: Path) -> Shop:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Shop).checked()
    except OSError as error:
        raise SettingError(f"shop file {path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise SettingError(f"shop file {path}: {error}") from None


def placed(shop: Shop, settings: Settings) -> Shop:
    """The shop at the origin that the stage's ``SHOP_ORIGINS`` names for it, if any."""
    origin = settings.shop_origins.get(shop.key)
    return shop.moved_to(origin).checked() if origin else shop
