//! The bundled pages and their files, embedded in the binary.

use super::packed::Packed;
use crate::http::error::ApiError;
use crate::service::Services;
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use warp::filters::BoxedFilter;
use warp::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use warp::http::{Method, StatusCode};
use warp::path::FullPath;
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// A file with the beginning of its tag.
struct File {
    name: String,
    tag: String,
    text: Packed,
}

/// The file of this name. All are packed when the first one is asked for.
fn file(name: &str) -> Option<&'static File> {
    static FILES: OnceLock<HashMap<String, File>> = OnceLock::new();
    let pack = |name: std::borrow::Cow<'static, str>| {
        let file = Assets::get(&name)?;
        let hash = file.metadata.sha256_hash();
        let tag = data_encoding::HEXLOWER.encode(hash.get(..16).unwrap_or(&hash));
        let name = name.into_owned();
        let text = Packed::new(file.data.into_owned());
        Some((name.clone(), File { name, tag, text }))
    };
    let files = FILES.get_or_init(|| Assets::iter().filter_map(pack).collect());
    files.get(name)
}

/// Path and file of every page.
const PAGES: &[(&str, &str)] = &[
    ("/", "pages/account.html"),
    ("/setup", SET_UP_PAGE),
    ("/enrol", "pages/enrol.html"),
    ("/sign-in", "pages/sign-in.html"),
    ("/invitation", "pages/invitation.html"),
    ("/restore-password", "pages/restore-password.html"),
    ("/team", "pages/team.html"),
    ("/admin", "pages/admin.html"),
    ("/admin/people", "pages/people.html"),
    ("/admin/person", "pages/person.html"),
    ("/admin/teams", "pages/teams.html"),
    ("/admin/readiness", "pages/readiness.html"),
    ("/admin/audit", "pages/audit.html"),
    ("/admin/system", "pages/system.html"),
    ("/api", "pages/reference.html"),
];
const SET_UP_PAGE: &str = "pages/setup.html";
/// What a browser is shown where there is nothing; programs get the error as JSON.
const NOTHING_HERE: &str = "pages/not-found.html";

/// Whether there is a page at this path.
pub fn is_page(path: &str) -> bool {
    PAGES.iter().any(|(page, _)| *page == path)
}

/// The pages and everything below `/assets/`; passes on what is neither, or no GET or HEAD.
pub fn pages(services: &Arc<Services>) -> BoxedFilter<(Response,)> {
    let services = Arc::clone(services);
    warp::method()
        .and(warp::path::full())
        .and(warp::header::headers_cloned())
        .and_then(move |method: Method, path: FullPath, headers: HeaderMap| {
            let reply = serve(&services, &method, path.as_str(), &headers);
            async move { reply.ok_or_else(warp::reject::not_found) as Result<Response, Rejection> }
        })
        .boxed()
}

fn serve(
    services: &Services,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Option<Response> {
    let below = path.strip_prefix("/assets/");
    let page = PAGES.iter().find(|(page, _)| *page == path);
    let Some(name) = page.map(|(_, name)| *name).or(below) else {
        let reads = *method == Method::GET || *method == Method::HEAD;
        return (reads && wants_page(headers)).then(|| not_found(headers));
    };
    if *method != Method::GET && *method != Method::HEAD {
        // The claim is sent to the path of its page: the table of routes answers there.
        let exists = page.is_some() || file(name).is_some();
        return (name != SET_UP_PAGE && exists)
            .then(|| ApiError::method_not_allowed("GET, HEAD").into_response());
    }
    if name == SET_UP_PAGE && services.people.is_claimed().unwrap_or(true) {
        return Some(not_found(headers));
    }
    // Pages are reached by their paths alone, so that the rule above has no back door.
    let file = if page.is_none() && name.ends_with(".html") {
        None
    } else {
        file(name)
    };
    Some(match file {
        Some(file) => reply(file, headers),
        None => not_found(headers),
    })
}

/// Browsers name HTML when a person opens an address, and only then.
fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn not_found(headers: &HeaderMap) -> Response {
    let page = file(NOTHING_HERE).filter(|_| wants_page(headers));
    let Some(page) = page else {
        return ApiError::not_found().into_response();
    };
    // Without the request's headers: a page that is not there is never "unchanged".
    let mut response = reply(page, &HeaderMap::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn reply(file: &File, headers: &HeaderMap) -> Response {
    let (_, is_gzip) = file.text.form(headers);
    // Other bytes, another tag (RFC 9110, section 8.8.3.3).
    let form = if is_gzip { "-gzip" } else { "" };
    let tag = format!("\"{}{form}\"", file.tag);
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok());
    let unchanged = known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.text.answer(headers)
    };
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(media_type(&file.name)),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<(String, String)> {
        let text = |name: &str| {
            let file = Assets::get(name).unwrap();
            String::from_utf8(file.data.to_vec()).unwrap()
        };
        let texts: Vec<_> = Assets::iter()
            .map(|name| (name.to_string(), text(&name)))
            .collect();
        assert!(texts.len() > PAGES.len());
        texts
    }

    /// What follows `before` up to the quote that ends it, wherever that stands in `text`.
    fn named<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
        let names = text.split(before).skip(1);
        names.filter_map(|rest| rest.split(['"', '\'', '#', '`']).next())
    }

    #[test]
    fn every_page_and_every_file_that_one_names_is_there() {
        for (path, name) in PAGES.iter().chain([&("", NOTHING_HERE)]) {
            assert!(Assets::get(name).is_some(), "{path}: {name}");
        }
        for (file, text) in texts() {
            let named = named(&text, "\"/assets/").map(ToOwned::to_owned);
            for name in named.chain(imports(&file, &text)) {
                assert!(Assets::get(&name).is_some(), "{file} names {name}");
            }
        }
    }

    /// The scripts that one imports, also those fetched later: of its own folder or of another.
    fn imports(file: &str, text: &str) -> Vec<String> {
        let (folder, _) = file.split_once('/').unwrap();
        let beside = named(text, "'./").map(|name| format!("{folder}/{name}"));
        let elsewhere = named(text, "'../").map(ToOwned::to_owned);
        beside.chain(elsewhere).collect()
    }

    #[test]
    fn pages_stand_on_parts_and_parts_on_the_base() {
        let floor = |file: &str| {
            let (folder, _) = file.split_once('/').unwrap();
            let floor = ["base", "parts", "pages"]
                .iter()
                .position(|one| *one == folder);
            floor.unwrap_or_else(|| panic!("{file} is no place for a script"))
        };
        let mut seen = 0;
        for (file, text) in texts().iter().filter(|(file, _)| file.ends_with(".js")) {
            for name in imports(file, text) {
                assert!(floor(&name) <= floor(file), "{file} imports {name}");
                seen += 1;
            }
        }
        assert!(seen > 50, "only {seen} imports were found");
    }

    #[test]
    fn nothing_needs_more_than_the_policy_allows() {
        for (file, text) in texts() {
            for word in [
                "<style",
                " style=\"",
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "localStorage",
                "document.cookie",
                "https://",
            ] {
                assert!(!text.contains(word), "{file} has {word}");
            }
            let scripts = text.matches("<script").count();
            let modules = text
                .matches("<script type=\"module\" src=\"/assets/")
                .count();
            assert_eq!(scripts, modules, "{file} has a script of its own");
        }
    }

    #[test]
    fn only_browsers_are_shown_the_page_where_there_is_nothing() {
        let asked = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            not_found(&headers)
        };
        for (accept, kind) in [
            ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
            ("application/json", "application/json"),
            ("*/*", "application/json"),
        ] {
            let answer = asked(accept);
            assert_eq!(answer.status(), StatusCode::NOT_FOUND);
            assert_eq!(answer.headers()[CONTENT_TYPE], kind, "{accept}");
        }
    }
}
