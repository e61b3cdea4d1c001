"""The file of profiles: what is read is what was written, for its owner only."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.settings import ProfileNotFound, SettingsError
from ostinato.settings.profiles import Profile, Profiles, load_profiles


@given(values=st.dictionaries(st.text(), st.dictionaries(st.text(), st.text(), max_size=3), max_size=3))
def test_saved_profiles_read_back(values: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("profiles") / "deep" / "profiles.toml"
    saved = {name: Profile(name, table) for name, table in values.items()}
    Profiles(path, "active", saved).save()
    assert load_profiles(path) == Profiles(path, "active", saved)


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    Profiles(path).save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_values_that_are_no_texts_are_taken_as_such(tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text("[profiles.a]\nx = true\ny = 3\n")
    assert load_profiles(path).get("a").values == {"x": "true", "y": "3"}


def test_built_in_profiles_exist_without_a_file(tmp_path: Path) -> None:
    profiles = load_profiles(tmp_path / "none.toml")
    assert profiles.get("local").values == {"OSTINATO_API_URL": "http://127.0.0.1:4200/api"}
    with pytest.raises(ProfileNotFound):
        profiles.get("none")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="Cannot write profiles to"):
        Profiles(tmp_path / "file" / "profiles.toml").save()
