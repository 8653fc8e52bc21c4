"""Keys at rest."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from orders import sealing

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_sealed_text_comes_back_and_does_not_show(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]

    sealed = sealing.seal("secret-key-7f2c")

    assert "7f2c" not in sealed
    assert sealing.unseal(sealed) == "secret-key-7f2c"
    assert sealing.seal("secret-key-7f2c") != sealed


def test_an_old_key_opens_and_the_newest_seals(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]
    sealed = sealing.seal("secret")
    settings.FIELD_KEYS = [NEW, OLD]

    assert sealing.unseal(sealed) == "secret"
    resealed = sealing.reseal(sealed)

    settings.FIELD_KEYS = [NEW]
    assert sealing.unseal(resealed) == "secret"
    with pytest.raises(sealing.Unsealable) as refusal:
        sealing.unseal(sealed)
    assert "FIELD_KEYS" in str(refusal.value)
    assert sealed not in str(refusal.value)
    with pytest.raises(sealing.Unsealable):
        sealing.reseal(sealed)
