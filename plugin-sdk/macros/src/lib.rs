//! The `hook` attribute: it keeps the `impl` it stands on and adds the export of exactly that one WIT interface.
//!
//! One scan over the tokens is enough to find the two names, so a plugin's build does not wait for a Rust parser.

use proc_macro::{Delimiter, Ident, Span, TokenStream, TokenTree};

/// Hook traits, and the modules of `switchboard_plugin::hooks` that hold their bindings.
const HOOKS: &[(&str, &str)] = &[
    ("About", "about"),
    ("MessageType", "message_type"),
    ("MessageAction", "message_action"),
    ("Policy", "policy"),
    ("Observer", "observer"),
    ("Opened", "opened"),
    ("Timer", "timer"),
    ("Command", "command"),
    ("Endpoint", "endpoint"),
    ("Dialect", "dialect"),
];

/// Exports a hook from the component: `#[switchboard_plugin::hook] impl Policy for MyPlugin { … }`.
///
/// The type must be a plain name, without generics, and a crate may export each hook once.
#[proc_macro_attribute]
pub fn hook(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let export = match arguments.into_iter().next() {
        Some(extra) => Err((extra.span(), "`hook` takes no arguments".to_owned())),
        None => find_names(item.clone()).and_then(|(hook, plugin)| export(&hook, &plugin)),
    };
    let added = export.unwrap_or_else(|(span, text)| compile_error(span, &text));
    item.into_iter().chain(added).collect()
}

type Fault = (Span, String);

/// The hook's and the plugin's name in `impl path::Hook for Plugin { … }`.
fn find_names(item: TokenStream) -> Result<(Ident, Ident), Fault> {
    let mut tokens = item
        .into_iter()
        .skip_while(|token| !is_word(token, "impl"))
        .skip(1)
        .peekable();
    let mut hook = None;
    let mut last = None;
    for token in tokens.by_ref() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            TokenTree::Punct(punct) if punct.as_char() == '<' => {
                return Err((
                    punct.span(),
                    "a hook is exported for a plain type, without generics".to_owned(),
                ));
            }
            TokenTree::Ident(word) if word.to_string() == "for" && hook.is_none() => hook = last.take(),
            TokenTree::Ident(word) if word.to_string() == "where" => break,
            TokenTree::Ident(word) if hook.is_some() && last.is_some() => {
                return Err((
                    word.span(),
                    "name the plugin's type by one word here: bring it in with `use`".to_owned(),
                ));
            }
            TokenTree::Ident(word) => last = Some(word),
            _ => {}
        }
    }
    match (hook, last) {
        (Some(hook), Some(plugin)) => Ok((hook, plugin)),
        _ => Err((Span::call_site(), expected())),
    }
}

fn is_word(token: &TokenTree, expected: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word.to_string() == expected)
}

fn export(hook: &Ident, plugin: &Ident) -> Result<TokenStream, Fault> {
    let name = hook.to_string();
    let Some((_, module)) = HOOKS.iter().find(|(known, _)| *known == name) else {
        return Err((hook.span(), format!("`{name}` is not a hook; {}", expected())));
    };
    let path = format!("::switchboard_plugin::hooks::{module}::bindings");
    let call = format!("{path}::export!({plugin} with_types_in {path});");
    let tokens: TokenStream = call
        .parse()
        .map_err(|_| (plugin.span(), "this name cannot be exported".to_owned()))?;
    // The generated code speaks of the type as the author wrote it, so that errors point there.
    Ok(respan(tokens, &plugin.to_string(), plugin.span()))
}

fn respan(tokens: TokenStream, name: &str, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => TokenTree::Group(proc_macro::Group::new(
                group.delimiter(),
                respan(group.stream(), name, span),
            )),
            TokenTree::Ident(word) if word.to_string() == name => TokenTree::Ident(Ident::new(name, span)),
            other => other,
        })
        .collect()
}

fn expected() -> String {
    let names: Vec<&str> = HOOKS.iter().map(|(name, _)| *name).collect();
    format!(
        "`#[switchboard_plugin::hook]` goes on `impl Hook for Type`, where Hook is one of: {}",
        names.join(", ")
    )
}

fn compile_error(span: Span, text: &str) -> TokenStream {
    let tokens: TokenStream = format!("::core::compile_error!({text:?});").parse().unwrap_or_default();
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}
