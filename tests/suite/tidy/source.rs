//! A Rust file as the rules see it: what it names, defines and calls, and which of its lines are code. `syn` reads it.
//!
//! Two limits: what stands inside a macro's brackets is read as words, since only the macro knows its grammar, and test
//! code is what stands in a `#[cfg(test)]` module.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::{
    Attribute, Block, ImplItemFn, Item, ItemFn, ItemMod, ItemUse, Macro, Meta, Path, TraitItemFn,
    UseTree, Visibility, visit::Visit,
};

/// How a path came into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// In the midst of code.
    InCode,
    /// `use a::b;`
    Imported,
    /// `pub use a::b;`, whatever the visibility.
    PassedOn,
}

/// A path such as `crate::store::Store`; a group in braces is one path for each of its leaves, `*` a leaf like others.
pub struct NamedPath {
    pub segments: Vec<String>,
    /// The module it stands in, below `crate`; the file's own, or one written out within it.
    pub module: Vec<String>,
    pub line: usize,
    pub named: Named,
    pub is_test: bool,
}

impl NamedPath {
    pub fn text(&self) -> String {
        self.segments.join("::")
    }

    /// The path behind `crate`; none where it begins with another crate or a local name. A climb beyond the root ends
    /// at nothing.
    pub fn in_crate(&self) -> Option<Vec<String>> {
        in_crate(&self.module, &self.segments)
    }
}

/// `segments` as seen from `module`, see [`NamedPath::in_crate`].
pub fn in_crate(module: &[String], segments: &[String]) -> Option<Vec<String>> {
    let first = segments.first()?.as_str();
    if first == "crate" {
        return Some(segments[1..].to_vec());
    }
    let below = &segments[usize::from(first == "self")..];
    let climb = below.iter().take_while(|word| *word == "super").count();
    if climb == 0 && first != "self" {
        return None;
    }
    let Some(kept) = module.len().checked_sub(climb) else {
        return Some(Vec::new());
    };
    Some([&module[..kept], &below[climb..]].concat())
}

pub struct Function {
    pub name: String,
    pub line: usize,
    /// From the word `fn` to the closing brace.
    pub lines: usize,
    pub is_test: bool,
}

pub struct MacroCall {
    pub segments: Vec<String>,
    /// The first word between the brackets, if it begins with one.
    pub first_word: Option<String>,
    pub line: usize,
}

pub struct Source {
    /// Relative to the top of the repository, with `/` on every system.
    pub path: String,
    pub text: String,
    pub paths: Vec<NamedPath>,
    pub functions: Vec<Function>,
    pub macros: Vec<MacroCall>,
    /// The lines of the words `async` and `await`.
    pub waits: Vec<usize>,
    /// The lines that hold code: no comment, no blank, no test module.
    pub code_lines: usize,
    /// What each module of the file defines, by the module's path.
    pub items: BTreeMap<Vec<String>, BTreeSet<String>>,
    /// The names that each module's `use` lines bring, with the paths they stand for.
    pub imports: BTreeMap<Vec<String>, Vec<(String, Vec<String>)>>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> syn::Result<Self> {
        let tokens: TokenStream = text.parse()?;
        let module = module_of(path);
        let mut reader = Reader {
            source: Self {
                path: path.to_owned(),
                text: text.to_owned(),
                paths: Vec::new(),
                functions: Vec::new(),
                macros: Vec::new(),
                waits: Vec::new(),
                code_lines: 0,
                items: BTreeMap::from([(module.clone(), BTreeSet::new())]),
                imports: BTreeMap::new(),
            },
            module,
            is_test: false,
            test_lines: BTreeSet::new(),
        };
        let mut lines = BTreeSet::new();
        reader.read_lines(tokens.clone(), &mut lines);
        reader.visit_file(&syn::parse2(tokens)?);
        let mut source = reader.source;
        source.code_lines = lines.difference(&reader.test_lines).count();
        Ok(source)
    }

    /// The module that this file is, below `crate`.
    pub fn module(&self) -> Vec<String> {
        module_of(&self.path)
    }

    /// The folder or file right below `src`: `domain`, `app`, `main`.
    pub fn room(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let first = below.split('/').next().unwrap_or_default();
        first.trim_end_matches(".rs")
    }
}

fn module_of(path: &str) -> Vec<String> {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let words = below.trim_end_matches(".rs").split('/');
    let mut module: Vec<String> = words.map(str::to_owned).collect();
    let is_root = matches!(below, "lib.rs" | "main.rs");
    if is_root || module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

struct Reader {
    source: Source,
    module: Vec<String>,
    is_test: bool,
    test_lines: BTreeSet<usize>,
}

impl Reader {
    /// Collects the lines that tokens stand on; a comment of documentation is one, whose `#` is as long as its text.
    fn read_lines(&mut self, tokens: TokenStream, lines: &mut BTreeSet<usize>) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let span = token.span();
            match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' && is_comment(span) => {
                    tokens.next_if(|next| matches!(next, TokenTree::Punct(_)));
                    tokens.next();
                }
                TokenTree::Group(group) => {
                    if group.delimiter() != Delimiter::None {
                        lines.extend([group.span_open(), group.span_close()].map(line));
                    }
                    self.read_lines(group.stream(), lines);
                }
                TokenTree::Ident(word) if word == "async" || word == "await" => {
                    self.source.waits.push(line(span));
                    lines.insert(line(span));
                }
                _ => lines.extend(line(span)..=span.end().line),
            }
        }
    }

    /// A lone word in the midst of code is a name of the file's own, or `self`.
    fn name(&mut self, segments: Vec<String>, span: Span, named: Named) {
        if segments.len() < 2 && named == Named::InCode {
            return;
        }
        self.source.paths.push(NamedPath {
            segments,
            module: self.module.clone(),
            line: line(span),
            named,
            is_test: self.is_test,
        });
    }

    fn define(&mut self, name: &impl ToString) {
        let items = self.source.items.entry(self.module.clone());
        items.or_default().insert(name.to_string());
    }

    fn import(&mut self, tree: &UseTree, stem: &[String], named: Named) {
        let mut leaf = |word: String, known_as: String, span| {
            let mut segments = stem.to_vec();
            if word != "self" || stem.is_empty() {
                segments.push(word);
            }
            let last = segments.last().cloned().unwrap_or_default();
            let known_as = if known_as == "self" { last } else { known_as };
            let imports = self.source.imports.entry(self.module.clone());
            imports.or_default().push((known_as, segments.clone()));
            self.name(segments, span, named);
        };
        match tree {
            UseTree::Name(name) => {
                leaf(
                    name.ident.to_string(),
                    name.ident.to_string(),
                    name.ident.span(),
                );
            }
            UseTree::Rename(name) => {
                leaf(
                    name.ident.to_string(),
                    name.rename.to_string(),
                    name.ident.span(),
                );
            }
            UseTree::Glob(glob) => leaf("*".to_owned(), "*".to_owned(), glob.star_token.span),
            UseTree::Path(path) => {
                self.import(
                    &path.tree,
                    &[stem, &[path.ident.to_string()]].concat(),
                    named,
                );
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, stem, named);
                }
            }
        }
    }

    fn measure(&mut self, name: &impl ToString, span: Span, body: &Block) {
        self.source.functions.push(Function {
            name: name.to_string(),
            line: line(span),
            lines: body.brace_token.span.close().end().line - line(span) + 1,
            is_test: self.is_test,
        });
    }

    fn call(&mut self, segments: Vec<String>, tokens: TokenStream, span: Span) {
        let first_word = match tokens.clone().into_iter().next() {
            Some(TokenTree::Ident(word)) => Some(word.to_string()),
            _ => None,
        };
        self.source.macros.push(MacroCall {
            segments,
            first_word,
            line: line(span),
        });
        self.read_words(tokens);
    }

    /// Reads the paths and calls of macros out of tokens that follow no known grammar.
    fn read_words(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let is_sign = |token: &TokenTree, wanted| matches!(token, TokenTree::Punct(sign) if sign.as_char() == wanted);
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.read_words(group.stream()),
                TokenTree::Ident(word) => {
                    let span = word.span();
                    let mut segments = vec![word.to_string()];
                    while tokens.next_if(|next| is_sign(next, ':')).is_some() {
                        if tokens.next_if(|next| is_sign(next, ':')).is_some()
                            && let Some(TokenTree::Ident(word)) = tokens.peek()
                        {
                            segments.push(word.to_string());
                            tokens.next();
                        }
                    }
                    if tokens.next_if(|next| is_sign(next, '!')).is_some()
                        && let Some(TokenTree::Group(group)) = tokens.peek()
                    {
                        let stream = group.stream();
                        tokens.next();
                        self.call(segments.clone(), stream, span);
                    }
                    self.name(segments, span, Named::InCode);
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Const(item) => self.define(&item.ident),
            Item::Enum(item) => self.define(&item.ident),
            Item::ExternCrate(item) => {
                let span = item.ident.span();
                self.name(vec![item.ident.to_string()], span, Named::Imported);
            }
            Item::Fn(item) => self.define(&item.sig.ident),
            Item::Static(item) => self.define(&item.ident),
            Item::Struct(item) => self.define(&item.ident),
            Item::Trait(item) => self.define(&item.ident),
            Item::Type(item) => self.define(&item.ident),
            Item::Macro(item) => item.ident.iter().for_each(|name| self.define(name)),
            _ => {}
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let Some((braces, _)) = &item.content else {
            return;
        };
        let was_test = self.is_test;
        self.is_test |= item.attrs.iter().any(is_for_tests);
        if self.is_test {
            let attributes = item
                .attrs
                .iter()
                .map(|attribute| line(attribute.pound_token.span));
            let first = attributes.min().unwrap_or(line(item.mod_token.span));
            self.test_lines.extend(first..=line(braces.span.close()));
        }
        self.module.push(item.ident.to_string());
        self.source.items.entry(self.module.clone()).or_default();
        syn::visit::visit_item_mod(self, item);
        self.module.pop();
        self.is_test = was_test;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let named = match item.vis {
            Visibility::Inherited => Named::Imported,
            _ => Named::PassedOn,
        };
        self.import(&item.tree, &[], named);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.measure(&item.sig.ident, item.sig.fn_token.span, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.measure(&item.sig.ident, item.sig.fn_token.span, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig.ident, item.sig.fn_token.span, body);
        }
        syn::visit::visit_trait_item_fn(self, item);
    }

    /// `pub(in crate::service)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::List(list) => self.read_words(list.tokens.clone()),
            meta => syn::visit::visit_meta(self, meta),
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        self.call(
            segments(&called.path),
            called.tokens.clone(),
            span(&called.path),
        );
    }

    fn visit_path(&mut self, path: &'ast Path) {
        self.name(segments(path), span(path), Named::InCode);
        syn::visit::visit_path(self, path);
    }
}

fn segments(path: &Path) -> Vec<String> {
    let words = path.segments.iter();
    words.map(|segment| segment.ident.to_string()).collect()
}

fn span(path: &Path) -> Span {
    let first = path.segments.first();
    first.map_or_else(Span::call_site, |segment| segment.ident.span())
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<Path>()
            .is_ok_and(|condition| condition.is_ident("test"))
}

fn is_comment(sign: Span) -> bool {
    let (start, end) = (sign.start(), sign.end());
    end.line > start.line || end.column > start.column + 1
}

fn line(span: Span) -> usize {
    span.start().line
}
