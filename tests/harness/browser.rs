//! A browser as a person uses it: by labels, names and words, with patience for what the page loads.

use super::webdriver::{Element, WebDriver};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const FIND: &str = include_str!("find.js");
/// After this long something hangs; no test depends on it otherwise.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// The keys that have names (W3C WebDriver, section 17.4.2).
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";
pub const SPACE: &str = " ";
pub const SHIFT: &str = "\u{e008}";

/// Somebody's browser.
pub struct Browser {
    pub driver: WebDriver,
}

impl Browser {
    pub fn start() -> Self {
        let driver = WebDriver::start();
        Self { driver }
    }

    /// Opens an address.
    #[track_caller]
    pub fn open(&self, url: &str) {
        let body = json!({ "url": url });
        self.driver.post("/url", &body).unwrap();
    }

    pub fn reload(&self) {
        self.driver.post("/refresh", &json!({})).unwrap();
    }

    pub fn back(&self) {
        self.driver.post("/back", &json!({})).unwrap();
    }

    pub fn address(&self) -> String {
        let address = self.driver.get("/url").unwrap();
        address.as_str().unwrap().to_owned()
    }

    /// Path and what follows it.
    pub fn path(&self) -> String {
        self.script("return location.pathname + location.search + location.hash")
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Runs a script's body that must work.
    #[track_caller]
    pub fn script(&self, code: &str) -> Value {
        self.driver.script(code, &[]).unwrap()
    }

    /// Asks until there is an answer. While a page gives way to the next one, no question can be answered.
    #[track_caller]
    pub fn wait_for<T>(&self, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            if let Some(answer) = ask() {
                return answer;
            }
            if since.elapsed() > PATIENCE {
                let address = self.driver.get("/url").unwrap_or_default();
                panic!("no {what} at {address}, which shows:\n{}", self.words());
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// All that can be read on the page now.
    pub fn words(&self) -> String {
        let found = self.driver.script("return document.body.innerText", &[]);
        let found = found.unwrap_or_default();
        found.as_str().unwrap_or("").to_owned()
    }

    /// Waits until these words can be read.
    #[track_caller]
    pub fn sees(&self, words: &str) {
        self.wait_for(&format!("“{words}”"), || {
            self.words().contains(words).then_some(())
        });
    }

    /// Waits until these words can be read no more.
    #[track_caller]
    pub fn sees_no(&self, words: &str) {
        self.wait_for(&format!("end of “{words}”"), || {
            (!self.words().contains(words)).then_some(())
        });
    }

    fn find(&self, kind: &str, name: &str) -> Option<Element> {
        let arguments = [json!(kind), json!(name)];
        Element::read(&self.driver.script(FIND, &arguments).ok()?)
    }

    /// Waits for the page or dialog with this heading.
    #[track_caller]
    pub fn is_at(&self, heading: &str) {
        self.wait_for(&format!("heading “{heading}”"), || {
            self.find("heading", heading)
        });
    }

    /// Whether something of this name could be pressed now.
    pub fn offers(&self, name: &str) -> bool {
        self.find("button", name).is_some()
    }

    /// Presses the button or link of this name.
    #[track_caller]
    pub fn press(&self, name: &str) {
        self.wait_for(&format!("button or link “{name}”"), || {
            let found = self.find("button", name)?;
            self.driver.click(&found).ok()
        });
    }

    /// Ticks the box, or chooses what is beside it.
    #[track_caller]
    pub fn ticks(&self, label: &str) {
        self.wait_for(&format!("box “{label}”"), || {
            let found = self.find("field", label)?;
            self.driver.click(&found).ok()
        });
    }

    /// The field of this label.
    #[track_caller]
    pub fn field(&self, label: &str) -> Element {
        self.wait_for(&format!("field “{label}”"), || {
            self.find("field", label)
        })
    }

    /// Types into the field of this label, key by key, in the place of what it holds.
    #[track_caller]
    pub fn fills(&self, label: &str, text: &str) {
        let found = self.field(label);
        self.driver.clear(&found).unwrap();
        self.driver.type_into(&found, text).unwrap();
    }

    /// Chooses in a list.
    #[track_caller]
    pub fn chooses(&self, label: &str, option: &str) {
        let found = self.field(label);
        let code = "const [list, name] = arguments;
            const option = [...list.options].find((one) => one.label.startsWith(name));
            list.value = option.value;
            list.dispatchEvent(new Event('change', { bubbles: true }));";
        let arguments = [found.argument(), json!(option)];
        self.driver.script(code, &arguments).unwrap();
    }

    /// What a field holds.
    #[track_caller]
    pub fn value(&self, label: &str) -> String {
        let found = self.field(label);
        let value = self
            .driver
            .script("return arguments[0].value", &[found.argument()]);
        value.unwrap().as_str().unwrap().to_owned()
    }

    /// Pastes text at once, as a password manager or the clipboard does.
    #[track_caller]
    pub fn pastes(&self, label: &str, text: &str) {
        let found = self.field(label);
        let focus = "arguments[0].focus(); arguments[0].select()";
        self.driver.script(focus, &[found.argument()]).unwrap();
        self.devtools("Input.insertText", json!({ "text": text }));
    }

    /// Presses keys, wherever the focus is; of several, all but the last are held down.
    #[track_caller]
    pub fn keys(&self, keys: &[&str]) {
        let event = |kind: &str, key: &&str| json!({ "type": kind, "value": key });
        let mut events: Vec<Value> = keys.iter().map(|key| event("keyDown", key)).collect();
        events.extend(keys.iter().rev().map(|key| event("keyUp", key)));
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": events }] });
        self.driver.post("/actions", &body).unwrap();
    }

    /// Types, wherever the focus is.
    #[track_caller]
    pub fn types(&self, text: &str) {
        for key in text.chars() {
            self.keys(&[key.encode_utf8(&mut [0; 4])]);
        }
    }

    /// Goes on with Tab until the focus is on what is called so, and can be seen there.
    #[track_caller]
    pub fn tabs_to(&self, name: &str) {
        const FOCUSED: &str = "const node = document.activeElement;
            const style = getComputedStyle(node);
            const words = node.labels?.[0]?.innerText ?? node.getAttribute('aria-label') ?? node.innerText;
            return { name: words.replace(/\\s+/g, ' ').trim(), seen: style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2 }";
        let mut passed = Vec::new();
        for _ in 0..60 {
            let focused = self.script(FOCUSED);
            if focused["name"] == name {
                assert_eq!(
                    focused["seen"], true,
                    "the focus on “{name}” cannot be seen"
                );
                return;
            }
            passed.push(focused["name"].as_str().unwrap_or("").to_owned());
            self.keys(&[TAB]);
        }
        panic!("“{name}” is not reached with Tab: {passed:?}");
    }

    /// Sends a command of the browser's own protocol.
    #[track_caller]
    pub fn devtools(&self, name: &str, parameters: Value) -> Value {
        self.driver.devtools(name, parameters).unwrap()
    }

    /// Light or dark, as the reader's system wishes.
    pub fn prefers(&self, scheme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
        let query = format!("return matchMedia('(prefers-color-scheme: {scheme})').matches");
        assert_eq!(self.script(&query), true);
    }

    /// The size of the page's window.
    pub fn has_size(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size);
    }

    /// What the window shows, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let shown = self.driver.get("/screenshot").unwrap();
        let text = shown.as_str().unwrap().as_bytes();
        data_encoding::BASE64.decode(text).unwrap()
    }

    /// Opens one more tab and goes there.
    pub fn opens_tab(&self) -> String {
        let made = self.driver.post("/window/new", &json!({ "type": "tab" }));
        let tab = made.unwrap()["handle"].as_str().unwrap().to_owned();
        self.goes_to_tab(&tab);
        tab
    }

    /// The tab that is in front.
    pub fn tab(&self) -> String {
        let tab = self.driver.get("/window").unwrap();
        tab.as_str().unwrap().to_owned()
    }

    pub fn goes_to_tab(&self, tab: &str) {
        let body = json!({ "handle": tab });
        self.driver.post("/window", &body).unwrap();
    }
}
