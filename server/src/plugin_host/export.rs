//! A function that a component exports, found and typed for every instance at the price of once.
//!
//! Wasmtime compares the types of a function with those of its caller each time it is looked up in a new instance, which
//! for the contract's larger records costs more than a small guest's whole call.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Lower, TypedFunc};

use super::instance::State;

/// An exported function of one component, called with `P` and answering `R`.
pub struct Export<P, R> {
    index: ComponentExportIndex,
    /// Its types have been compared with `P` and `R`.
    is_checked: AtomicBool,
    types: PhantomData<fn(P) -> R>,
}

impl<P, R> Export<P, R>
where
    P: ComponentNamedList + Lower + 'static,
    R: ComponentNamedList + Lift + 'static,
{
    /// Finds a function of an exported interface.
    pub fn find(pre: &InstancePre<State>, interface: &str, function: &str) -> wasmtime::Result<Self> {
        let component = pre.component();
        let index = component
            .get_export_index(None, interface)
            .and_then(|interface| component.get_export_index(Some(&interface), function));
        Ok(Self {
            index: index.ok_or_else(|| wasmtime::Error::msg(format!("{interface} has no function {function}")))?,
            is_checked: AtomicBool::new(false),
            types: PhantomData,
        })
    }

    /// The function in an instance of the component it was found in.
    pub fn load(&self, store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<TypedFunc<P, R>> {
        let func = instance.get_func(&mut *store, self.index);
        let func = func.ok_or_else(|| wasmtime::Error::msg("an exported function is not there"))?;
        if !self.is_checked.load(Ordering::Relaxed) {
            let typed = func.typed(&*store)?;
            self.is_checked.store(true, Ordering::Relaxed);
            return Ok(typed);
        }
        #[expect(
            unsafe_code,
            reason = "the types were compared for another instance of the same component"
        )]
        // SAFETY: `P` and `R` are fixed by the type of `self`, and so is the function's type by the component that the
        // index was found in; they have been compared, or this would not be reached.
        Ok(unsafe { TypedFunc::new_unchecked(func) })
    }
}
