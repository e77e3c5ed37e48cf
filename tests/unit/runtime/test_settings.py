"""Settings come from where they are said to come from, and a wrong one is named before anything starts."""

from pathlib import Path

import pytest

from fogbank.runtime.settings_sources import Given, Loaded, SettingWrong, known_settings, load_settings


def load(tmp_path: Path, **environment: str) -> Loaded:
    return load_settings({"FOGBANK_DATA": str(tmp_path), **environment})


def test_every_setting_says_what_it_is_for_in_one_line() -> None:
    for known in known_settings():
        assert known.about.purpose
        assert "\n" not in known.about.purpose


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "fogbank.toml").write_text('[http]\nport = 9000\nhost = "::1"\n')
    loaded = load(tmp_path, FOGBANK_HTTP_PORT="9001")
    assert (loaded.settings.http.port, loaded.sources["http.port"]) == (9001, "FOGBANK_HTTP_PORT")
    assert (loaded.settings.http.host, loaded.sources["http.host"]) == ("::1", str(tmp_path / "fogbank.toml"))
    assert (loaded.settings.billing.currency, loaded.sources["billing.currency"]) == ("EUR", "default")


def test_an_option_wins_over_all_and_the_running_system_only_over_the_default(tmp_path: Path) -> None:
    environment = {"FOGBANK_DATA": str(tmp_path), "FOGBANK_HTTP_PORT": "9001", "FOGBANK_QUEUE_URL": "nats://a:1"}
    loaded = load_settings(
        environment,
        options={"http.port": Given(9002, "--port")},
        running={"queue.url": Given("nats://b:2", "running"), "usage.url": Given("http://c:3", "running")},
    )
    assert loaded.settings.http.port == 9002
    assert loaded.settings.queue.url == "nats://a:1"
    assert (loaded.settings.usage.url, loaded.sources["usage.url"]) == ("http://c:3", "running")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("FOGBANK_HTTP_PORT", "eighty", "http.port is 'eighty' (from FOGBANK_HTTP_PORT) and must be a whole number."),
        (
            "FOGBANK_HTTP_PORT",
            "70000",
            "http.port is '70000' (from FOGBANK_HTTP_PORT) and must be a whole number from 1 to 65535.",
        ),
        ("FOGBANK_HTP_PORT", "1", "FOGBANK_HTP_PORT is not a setting; did you mean FOGBANK_HTTP_PORT?"),
        (
            "FOGBANK_POSTGRES_URL",
            "mysql://root:hunter2@x",
            "postgres.url is set to a secret (from FOGBANK_POSTGRES_URL) and must be a URL that begins with postgresql://.",
        ),
        (
            "FOGBANK_BILLING_CURRENCY",
            "euro",
            "billing.currency is 'euro' (from FOGBANK_BILLING_CURRENCY) and must be three capitals, such as EUR.",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_its_source_in_one_sentence(
    tmp_path: Path, variable: str, value: str, sentence: str
) -> None:
    with pytest.raises(SettingWrong) as caught:
        load(tmp_path, **{variable: value})
    assert str(caught.value) == sentence


def test_an_unknown_key_of_the_file_is_named_and_refused(tmp_path: Path) -> None:
    (tmp_path / "fogbank.toml").write_text("[http]\nprot = 9000\n")
    with pytest.raises(
        SettingWrong, match=r"http\.prot in .*fogbank\.toml is not a setting; did you mean http\.port\?"
    ):
        load(tmp_path)


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "fogbank.toml").write_text("[http\n")
    with pytest.raises(SettingWrong, match=r"fogbank\.toml cannot be read: "):
        load(tmp_path)


def test_a_named_file_must_exist_and_may_say_where_the_data_is(tmp_path: Path) -> None:
    with pytest.raises(SettingWrong, match=r"FOGBANK_CONFIG names .* which does not exist"):
        load_settings({"FOGBANK_CONFIG": str(tmp_path / "none.toml")})
    (tmp_path / "some.toml").write_text('data = "/srv/fogbank"\n[agent]\ncgroups = []\n')
    loaded = load_settings({"FOGBANK_CONFIG": str(tmp_path / "some.toml")})
    assert loaded.settings.data == Path("/srv/fogbank")


def test_a_list_in_the_environment_is_separated_by_commas(tmp_path: Path) -> None:
    loaded = load(tmp_path, FOGBANK_AGENT_CGROUPS="/machines/*, /system.slice/db=instance_db")
    assert loaded.settings.agent.cgroups == ("/machines/*", "/system.slice/db=instance_db")


def test_another_process_given_our_environment_has_our_settings(tmp_path: Path) -> None:
    ours = load(tmp_path, FOGBANK_HTTP_PORT="9001", FOGBANK_AGENT_CGROUPS="/,/usr", FOGBANK_QUEUE_PASSWORD="a,b=c")
    assert load_settings(ours.environment()).settings == ours.settings


def test_the_public_url_is_one_that_can_be_opened(tmp_path: Path) -> None:
    assert load(tmp_path).settings.public_url == "http://localhost:8080"
    assert load(tmp_path, FOGBANK_HTTP_HOST="0.0.0.0").settings.public_url == "http://127.0.0.1:8080"
    assert load(tmp_path, FOGBANK_HTTP_HOST="::1").settings.public_url == "http://[::1]:8080"
    public = load(tmp_path, FOGBANK_HTTP_PUBLIC_URL="https://bank.example/").settings.public_url
    assert public == "https://bank.example"
