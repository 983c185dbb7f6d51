//! Types and glue generated from the plugin contract. Nothing else is here.
#![expect(missing_docs, reason = "generated; the documentation is that of the WIT")]

wasmtime::component::bindgen!({
    path: "../plugin-sdk/wit",
    world: "everything",
    imports: {
        // What does not wait stays synchronous: it costs no switch of stacks.
        "switchboard:plugin/log": trappable,
        "switchboard:plugin/config": trappable,
        default: async | trappable,
    },
    exports: { default: async },
    with: { "switchboard:plugin/proofs.proof": crate::plugin_host::desk::Proof },
    additional_derives: [PartialEq, Clone, serde::Serialize],
});
