//! The document of the API as declarations for a type checker: the types of its schemas, and one signature of a call for
//! each operation.

use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Declares the namespace `Api`: a type for each schema; `Call`, which takes a body, and `Request`, which takes it among
/// its options.
pub fn declarations(document: &Value) -> String {
    let mut lines = vec!["declare namespace Api {".to_owned()];
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        lines.push(format!("type {name} = {};", type_of(schema, &[])));
    }
    let operations = operations(document);
    for interface in ["Call", "Request"] {
        lines.push(format!("interface {interface} {{"));
        lines.extend(operations.iter().map(|one| one.signature(interface)));
        lines.push("}".to_owned());
    }
    lines.push("}\n".to_owned());
    lines.join("\n")
}

struct Operation<'a> {
    method: String,
    path: &'a str,
    /// The body's type, and whether it may be left out.
    body: Option<(String, &'static str)>,
    answer: String,
}

/// All of them, the longest paths first: a checker takes the first signature that fits.
fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, told) in methods.as_object().unwrap() {
            let answers = told["responses"].as_object().unwrap().iter();
            let mut answers = answers.filter(|(status, _)| status.starts_with('2'));
            let (_, answer) = answers.next().unwrap();
            let schema =
                |holder: &Value| type_of(&holder["content"]["application/json"]["schema"], &[]);
            let mark = |body: &Value| if body["required"] == true { "" } else { "?" };
            operations.push(Operation {
                method: method.to_ascii_uppercase(),
                path,
                body: told
                    .get("requestBody")
                    .map(|body| (schema(body), mark(body))),
                answer: schema(answer),
            });
        }
    }
    let parts = |path: &str| path.split('/').count();
    operations.sort_by_key(|one| (Reverse(parts(one.path)), one.path.matches('{').count()));
    operations
}

impl Operation<'_> {
    fn signature(&self, interface: &str) -> String {
        let path: Vec<&str> = self
            .path
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    "${string}"
                } else {
                    part
                }
            })
            .collect();
        let path = path.join("/");
        let asked = format!(
            "method: '{}', path: `{path}` | `{path}?${{string}}`",
            self.method
        );
        let rest = match (&self.body, interface) {
            (None, "Call") => String::new(),
            (None, _) => ", options?: { token?: string }".to_owned(),
            (Some((body, mark)), "Call") => format!(", body{mark}: {body}"),
            (Some((body, mark)), _) => {
                format!(", options{mark}: {{ body{mark}: {body}; token?: string }}")
            }
        };
        format!("({asked}{rest}): Promise<{}>;", self.answer)
    }
}

/// A schema's type. `absent` are fields that the other forms of the same value have: each form says that it lacks them,
/// so that they can be asked for.
fn type_of(schema: &Value, absent: &[&str]) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap().to_owned();
    }
    if let Some(values) = schema["enum"].as_array() {
        return joined(values.iter().map(Value::to_string));
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(forms) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let all: BTreeSet<&str> = forms.iter().flat_map(fields).collect();
        return joined(forms.iter().map(|form| {
            let own: BTreeSet<&str> = fields(form).into_iter().collect();
            let absent: Vec<&str> = all.difference(&own).copied().collect();
            type_of(form, &absent)
        }));
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().collect(),
        kind => vec![kind],
    };
    joined(kinds.into_iter().map(|kind| match kind.as_str() {
        Some("array") => format!("Array<{}>", type_of(&schema["items"], &[])),
        Some("object") => object(schema, absent),
        Some("integer" | "number") => "number".to_owned(),
        Some(kind @ ("string" | "boolean" | "null")) => kind.to_owned(),
        _ => panic!("what is {schema}?"),
    }))
}

fn joined(types: impl Iterator<Item = String>) -> String {
    types.collect::<Vec<_>>().join(" | ")
}

fn fields(schema: &Value) -> Vec<&str> {
    let fields = schema["properties"].as_object();
    fields
        .into_iter()
        .flat_map(|fields| fields.keys().map(String::as_str))
        .collect()
}

/// What names its fields has no others; what does not is open: a key of a JWK set, the document itself.
fn object(schema: &Value, absent: &[&str]) -> String {
    let Some(told) = schema["properties"].as_object() else {
        return "{ [name: string]: any }".to_owned();
    };
    if schema["additionalProperties"] == true {
        return "{ [name: string]: any }".to_owned();
    }
    let required = schema["required"].as_array().into_iter().flatten();
    let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
    let field = |(name, schema): (&String, &Value)| {
        let mark = if required.contains(name.as_str()) {
            ""
        } else {
            "?"
        };
        format!("{name}{mark}: {};", type_of(schema, &[]))
    };
    let mut fields: Vec<String> = told.iter().map(field).collect();
    fields.extend(absent.iter().map(|name| format!("{name}?: undefined;")));
    format!("{{ {} }}", fields.join(" "))
}
