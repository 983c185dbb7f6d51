use super::*;

const FILE: &str = include_str!("../../../config.toml");

fn load(text: &str, sets: &[&str]) -> Result<Config, String> {
    let sets: Vec<Override> = sets.iter().map(|set| set.parse().unwrap()).collect();
    Config::from_table(text.parse().unwrap(), &sets).map_err(|error| error.to_string())
}

fn refused(text: &str, sets: &[&str]) -> String {
    load(text, sets).expect_err("must be refused")
}

const APP: &str = "[[apps]]\nid = 7\nname = \"Seven\"\nsecret = \"not printed anywhere\"\n";

#[test]
fn the_file_shows_every_key_with_its_default() {
    let mut shown: toml::Table = FILE.parse().unwrap();
    shown.remove("apps");
    shown.remove("mounts");
    assert_eq!(shown, toml::Table::try_from(Sections::default()).unwrap());
    let keys = FILE.split("# Apps are made").next().unwrap().lines();
    for line in keys.filter(|line| line.contains(" = ")) {
        assert!(
            line.contains("  # ") || line.starts_with("# "),
            "says what it is: {line}"
        );
    }
}

#[test]
fn the_file_is_the_defaults_and_the_demo_apps() {
    let mut config = load(FILE, &[]).unwrap();
    let apps = std::mem::take(&mut config.apps);
    config.mounts.clear();
    assert_eq!(config, load("", &[]).unwrap());
    let ids: Vec<(u64, &str)> = apps.iter().map(|app| (app.id.get(), app.secret.as_str())).collect();
    assert_eq!(
        ids,
        [
            (10001, "demo-secret"),
            (666_666, "master"),
            (20001, "demo-secret-20001"),
            (30001, "demo-key"),
            (40001, "demo-secret-40001"),
        ]
    );
    assert!(apps.iter().all(|app| app.demo));
    let users: Vec<&str> = apps[0].users.iter().map(|user| user.user.as_str()).collect();
    let plugins: Vec<&str> = apps[0].plugins.iter().map(|plugin| plugin.name.as_str()).collect();
    assert_eq!(users, ["agent", "customer"]);
    assert_eq!(plugins, ["standard-types", "auto-reply", "word-filter", "wokchat"]);
    assert_eq!(
        apps[0].plugins[2].config.as_str(),
        r#"{"mode":"mask","words":["badword","脏话"]}"#
    );
    let [agent, customer] = apps[0].users.as_slice() else {
        panic!("two users")
    };
    assert!(agent.auto_reply.is_some() && agent.auto_reply_offline.is_some());
    assert_eq!((customer.role, &customer.auto_reply), (AppUserRole::Customer, &None));
}

#[test]
fn unknown_keys_are_named() {
    for section in [
        "server",
        "storage",
        "limits",
        "cache",
        "plugins",
        "jobs",
        "callbacks",
        "quotas",
        "metrics",
        "log",
        "demo",
    ] {
        let error = refused("", &[&format!("{section}.bogus=1")]);
        assert!(
            error.contains(&format!("\n  {section}: unknown field `bogus`")),
            "{error}"
        );
    }
    assert!(refused("[bogus]", &[]).contains("bogus: no such section"));
    assert!(refused(&format!("{APP}bogus = 1"), &[]).contains("apps.7: unknown field `bogus`"));
    let user = format!("{APP}users = [{{ user = \"a\", nickname = \"A\", role = \"agent\", bogus = 1 }}]");
    assert!(refused(&user, &[]).contains("apps.7.users[0]: unknown field `bogus`"));
    let plugin = format!("{APP}plugins = [{{ name = \"a\", component = \"a\", grants = \"all\", bogus = 1 }}]");
    assert!(refused(&plugin, &[]).contains("apps.7.plugins[0]: unknown field `bogus`"));
}

#[test]
fn every_number_has_its_range() {
    let all = [
        server::RANGES,
        storage::RANGES,
        limits::RANGES,
        files::RANGES,
        cache::RANGES,
        plugins::RANGES,
        jobs::RANGES,
        callbacks::RANGES,
        quotas::RANGES,
        metrics::RANGES,
    ];
    for (key, least, most) in all.into_iter().flatten() {
        for outside in [least - 1, most + 1] {
            let error = refused("", &[&format!("{key}={outside}")]);
            let expected = format!("\n  {key}: {outside} is not from {least} to {most}");
            assert!(error.contains(&expected), "{error}");
        }
        for inside in [least, most] {
            if let Err(error) = load("", &[&format!("{key}={inside}")]) {
                assert!(!error.contains("is not from"), "{error}");
            }
        }
    }
    let numbers = |section: &toml::Value| section.as_table().unwrap().values().filter(|v| v.is_integer()).count();
    let written = toml::Table::try_from(Sections::default()).unwrap();
    let count: usize = written.values().map(numbers).sum();
    assert_eq!(count, all.into_iter().flatten().count(), "every number is in the table");
}

#[test]
fn values_fit_together() {
    for (set, key) in [
        ("limits.message_bytes=100000", "limits.message_bytes"),
        ("plugins.deadline_ms=2000", "plugins.deadline_ms"),
        ("plugins.breaker_first_ms=40000", "plugins.breaker_first_ms"),
        ("jobs.per_install=257", "jobs.per_install"),
        ("jobs.backoff_ms=70000", "jobs.backoff_ms"),
        ("callbacks.per_app=129", "callbacks.per_app"),
        ("callbacks.backoff_ms=600001", "callbacks.backoff_ms"),
    ] {
        let error = refused("", &[set]);
        assert!(error.contains(&format!("\n  {key}: must not be more than")), "{error}");
    }
}

#[test]
fn texts_are_checked() {
    for (set, part) in [
        ("server.listen=localhost", "server.listen: \"localhost\" is no address"),
        ("storage.data_dir=", "storage.data_dir: must name a folder"),
        ("log.level=loud", "log: unknown variant `loud`"),
        ("log.format=xml", "log: unknown variant `xml`"),
        ("demo.page=1", "demo: invalid type"),
        ("limits.frame_bytes='many'", "limits: invalid type"),
    ] {
        let error = refused("", &[set]);
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let error = refused("", &["limits.frame_bytes=1", "jobs.attempts=0", "cache.rooms=1"]);
    for key in ["limits.frame_bytes", "jobs.attempts", "cache"] {
        assert!(error.contains(&format!("\n  {key}: ")), "{error}");
    }
    assert_eq!(
        error.lines().count(),
        4,
        "and nothing that only follows from them: {error}"
    );
}

#[test]
fn what_is_set_goes_before_the_file() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\nworker_threads = 3";
    let config = load(file, &["server.listen=127.0.0.1:2", "server.listen=127.0.0.1:3"]).unwrap();
    assert_eq!((config.server.listen.port(), config.server.worker_threads), (3, 3));
    let config = load(FILE, &["apps=[]", "log.level=debug", "storage.data_dir='x y'"]).unwrap();
    assert_eq!((config.apps.len(), config.log.level), (0, Level::Debug));
    assert_eq!(config.storage.data_dir, Path::new("x y"));
    assert!(refused(FILE, &["apps.10001.secret=x"]).contains("apps.10001.secret: cannot be set one by one"));
    for text in ["server.listen", "=1", ".a=1", "a.=1"] {
        assert!(text.parse::<Override>().is_err(), "{text}");
    }
}

#[test]
fn public_secrets_stay_at_home() {
    for listen in ["0.0.0.0:7700", "[::]:7700", "192.168.1.2:7700"] {
        let error = refused(FILE, &[&format!("server.listen={listen}")]);
        let expected = "apps: the secrets of 10001, 666666, 20001, 30001, 40001 are public";
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("listen on 127.0.0.1"), "{error}");
        assert!(load(FILE, &[&format!("server.listen={listen}"), "apps=[]"]).is_ok());
        assert!(load(APP, &[&format!("server.listen={listen}")]).is_ok());
        for secret in ["demo-secret", "master", "demo-key", "demo-secret-1"] {
            let app = APP.replace("not printed anywhere", secret);
            assert!(load(&app, &[&format!("server.listen={listen}")]).is_err(), "{secret}");
        }
    }
    for listen in ["127.0.0.2:0", "[::1]:7700", "[::ffff:127.0.0.1]:7700"] {
        assert!(load(FILE, &[&format!("server.listen={listen}")]).is_ok(), "{listen}");
    }
}

#[test]
fn an_app_is_checked_to_the_last_key() {
    let settings = "login = \"per_device\"\nunowned_kinds = \"accept\"\ntext_chars = 10\nauto_create_users = false";
    let others =
        "sign_timeout = 5\npush_url = \"http://a\"\nsystem_messages = true\nopen_logins = true\nsearch = false";
    let config = load(&format!("{APP}{settings}\n{others}\nanonymous_uploads = true"), &[]).unwrap();
    let settings = &config.apps[0].settings;
    assert!(settings.system_messages && settings.open_logins && settings.anonymous_uploads && !settings.search);
    assert_eq!((settings.sign_timeout, settings.push_url.as_str()), (5, "http://a"));
    assert_eq!(settings.login, crate::model::Login::PerDevice);
    assert!(settings.accept_unowned_kinds && !settings.auto_create_users);
    assert_eq!((settings.text_chars, settings.recall_seconds), (10, 0));
    for (more, part) in [
        ("text_chars = 0", "apps.7.text_chars: 0 is not from 1"),
        ("recall_seconds = -1", "apps.7.recall_seconds: -1 is not"),
        (
            "sign_timeout = 86401",
            "apps.7.sign_timeout: 86401 is not from 1 to 86400",
        ),
        ("push_url = \"a\"", "apps.7.push_url: must be a URL"),
        ("search = 1", "apps.7: invalid type"),
        ("login = \"twice\"", "apps.7: unknown variant `twice`"),
        (
            "users = [{ user = \"\", nickname = \"A\", role = \"agent\" }]",
            "apps.7.users[0].user: must not be empty",
        ),
        (
            "users = [{ user = \"a\", nickname = \"\", role = \"agent\" }]",
            "apps.7.users[0].nickname: must have",
        ),
        (
            "plugins = [{ name = \"A\", component = \"a\", grants = \"all\" }]",
            "apps.7.plugins[0].name: may hold only",
        ),
        (
            "plugins = [{ name = \"a\", component = \"../a\", grants = [] }]",
            "apps.7.plugins[0].component: may hold",
        ),
        (
            "plugins = [{ name = \"a\", component = \"a\", grants = [\"root\"] }]",
            "apps.7.plugins[0].grants: must be",
        ),
        (
            "plugins = [{ name = \"a\", component = \"a\", grants = [], reuse = 0 }]",
            "apps.7.plugins[0].reuse: 0 is not",
        ),
        (
            "plugins = [{ name = \"a\", component = \"a\", grants = [], config = { share = inf } }]",
            "apps.7.plugins[0].config: JSON has no infinite number",
        ),
    ] {
        let error = refused(&format!("{APP}{more}"), &[]);
        assert!(error.contains(part), "{error}");
    }
    assert!(refused(&format!("{APP}{APP}"), &[]).contains("apps: 7 is there twice"));
    assert!(refused("[[apps]]\nname = \"x\"\nsecret = \"y\"", &[]).contains("apps[0]: missing field `id`"));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = Config::load(Some(Path::new("no/such/file.toml")), &[]).unwrap_err();
    assert!(missing.to_string().contains("no/such/file.toml"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[server\n").unwrap();
    let broken = Config::load(Some(&file), &[]).unwrap_err().to_string();
    assert!(
        broken.contains("config.toml is no TOML") && broken.contains("line 1"),
        "{broken}"
    );
}

#[test]
fn mounts_are_checked() {
    let mounts = load(
        "[[mounts]]\ndialect = \"wokchat\"\n[[mounts]]\ndialect = \"shiku\"\nprefix = \"/x\"\nhost = \"a.b\"\napp = 7\n",
        &[],
    );
    let mounts = mounts.unwrap().mounts;
    assert_eq!(
        (mounts[0].prefix.as_str(), &mounts[0].host, mounts[0].app),
        ("", &None, None)
    );
    assert_eq!(
        (mounts[1].prefix.as_str(), mounts[1].app.map(|app| app.get())),
        ("/x", Some(7))
    );
    for (lines, key) in [
        ("dialect = \"Wokchat\"", "mounts[0].dialect"),
        ("dialect = \"a\"\nprefix = \"x\"", "mounts[0].prefix"),
        ("dialect = \"a\"\nhost = \"A\"", "mounts[0].host"),
        ("dialect = \"a\"\napp = 0", "mounts[0].app"),
        ("dialect = \"a\"\nbogus = 1", "mounts[0]"),
    ] {
        let error = refused(&format!("[[mounts]]\n{lines}\n"), &[]);
        assert!(error.contains(&format!("\n  {key}: ")), "{error}");
    }
}
