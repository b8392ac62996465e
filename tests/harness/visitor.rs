//! Somebody in front of the pages, with a browser, a phone and a drawer for recovery codes.

use super::app::App;
use super::browser::Browser;
use super::person::PASSWORD;
use super::phone::Phone;

/// Somebody with a second factor.
pub struct Visitor {
    pub browser: Browser,
    pub email: String,
    pub phone: Phone,
    pub recovery_codes: Vec<String>,
}

impl Visitor {
    /// The first administrator, from the link that the machine printed to the overview.
    pub fn administrator(app: &App) -> Self {
        let browser = Browser::start();
        fills_claim(app, &browser);
        Self::goes_on(browser)
    }

    /// The first administrator, from the enrolment on.
    pub fn goes_on(browser: Browser) -> Self {
        let (phone, recovery_codes) = enrols(&browser);
        browser.press("Go on to the first steps");
        browser.is_at("Overview");
        Self {
            browser,
            email: "ada@example.com".to_owned(),
            phone,
            recovery_codes,
        }
    }

    /// Somebody whom the person at the machine added, signed in with both factors.
    pub fn added(app: &App, email: &str) -> Self {
        let name = ["--first-name", "Grace", "--last-name", "Hopper"];
        let mut arguments = vec!["user", "add", email, "--password-stdin"];
        arguments.extend(name);
        app.instance.json(&arguments, PASSWORD);
        let browser = Browser::start();
        opens_first_door(app, &browser, email);
        browser.press("Set up your second factor");
        Self::is_welcomed(browser, email)
    }

    /// Accepts the invitation that the link holds, in a browser of their own, up to the account page.
    pub fn accepts(link: &str, email: &str) -> Self {
        let browser = Browser::start();
        browser.open(link);
        browser.is_at("Welcome");
        browser.sees(&format!("You were invited as {email}."));
        Self::joins(browser, email)
    }

    /// From the page of an invitation to the account page.
    pub fn joins(browser: Browser, email: &str) -> Self {
        browser.fills("First name", "Grace");
        browser.fills("Last name", "Hopper");
        browser.fills("Password", PASSWORD);
        browser.press("Continue");
        Self::is_welcomed(browser, email)
    }

    /// From the enrolment to the account page.
    fn is_welcomed(browser: Browser, email: &str) -> Self {
        let (phone, recovery_codes) = enrols(&browser);
        browser.press("Continue");
        browser.is_at("Hello, Grace");
        Self {
            browser,
            email: email.to_owned(),
            phone,
            recovery_codes,
        }
    }

    /// Signs out by the button on the account page.
    pub fn signs_out(&self, app: &App) {
        self.browser.open(&app.url("/"));
        self.browser.press("Sign out");
        self.browser.sees("You are signed out.");
    }

    /// Opens the first door.
    pub fn enters_password(&self, app: &App) {
        opens_first_door(app, &self.browser, &self.email);
        self.browser.is_at("Enter your code");
    }
}

/// Claims the service with the link that the machine printed.
pub fn fills_claim(app: &App, browser: &Browser) {
    browser.open(&app.set_up_link());
    browser.is_at("Create the first administrator");
    browser.fills("E-mail", "ada@example.com");
    browser.fills("First name", "Ada");
    browser.fills("Last name", "King");
    browser.fills("Password", PASSWORD);
    browser.press("Continue");
}

/// Opens the first door of anybody.
pub fn opens_first_door(app: &App, browser: &Browser, email: &str) {
    browser.open(&app.url("/sign-in"));
    browser.is_at("Sign in");
    browser.fills("E-mail", email);
    browser.fills("Password", PASSWORD);
    browser.press("Continue");
}

/// From the key on the page to the end of the enrolment; the phone, and the recovery codes as they are shown.
pub fn enrols(browser: &Browser) -> (Phone, Vec<String>) {
    browser.is_at("Set up your second factor");
    let mut phone = Phone::takes_key(browser);
    browser.fills("Code that the app shows now", &phone.code());
    browser.press("Switch on");
    let codes = keeps_recovery_codes(browser);
    browser.is_at("Both doors are yours");
    (phone, codes)
}

/// Reads the recovery codes, says that they are saved, and goes on: not before that.
pub fn keeps_recovery_codes(browser: &Browser) -> Vec<String> {
    browser.sees("I saved them");
    let code =
        "return [...document.querySelectorAll('.sheet li')].map((item) => item.innerText.trim())";
    let shown = browser.script(code);
    let text = |code: &serde_json::Value| code.as_str().unwrap().to_owned();
    let codes: Vec<String> = shown.as_array().unwrap().iter().map(text).collect();
    assert_eq!(codes.len(), 10, "{codes:?}");
    assert!(
        !browser.offers("Continue"),
        "one can go on without having saved the codes"
    );
    browser.ticks("I saved them");
    browser.press("Continue");
    codes
}

/// The access token that the tab holds.
pub fn token(browser: &Browser) -> String {
    let code = "return JSON.parse(sessionStorage.getItem('vestibule.session')).accessToken";
    browser.script(code).as_str().unwrap().to_owned()
}
