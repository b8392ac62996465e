//! The loop of the main thread: takes messages until one ends it. On Linux that is all there is to do; Windows and
//! macOS want their own events handled by the thread that made the icon.

use super::message::{Ending, Message};
use std::sync::mpsc::Receiver;

/// Hands every message to `take`, until it says that this is the end.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn run(
    receiver: Receiver<Message>,
    mut take: impl FnMut(Message) -> Option<Ending>,
) -> Ending {
    let ending = receiver.iter().find_map(&mut take);
    ending.unwrap_or(Ending::Stopped)
}

/// Hands every message to `take`, between the system's own events, until it says that this is the end.
#[cfg(any(windows, target_os = "macos"))]
pub(super) fn run(
    receiver: Receiver<Message>,
    take: impl FnMut(Message) -> Option<Ending>,
) -> Ending {
    use winit::event_loop::{ControlFlow, EventLoop};
    let mut builder = EventLoop::<Message>::with_user_event();
    #[cfg(target_os = "macos")]
    {
        use winit::platform::macos::{ActivationPolicy, EventLoopBuilderExtMacOS};
        // An icon in the menu bar, and none in the dock.
        builder.with_activation_policy(ActivationPolicy::Accessory);
    }
    // Without a desktop the service goes on without a tray.
    let Ok(events) = builder.build() else {
        return Ending::Quit;
    };
    events.set_control_flow(ControlFlow::Wait);
    let proxy = events.create_proxy();
    let forwarding = std::thread::Builder::new().name("tray-messages".into());
    let forwarding = forwarding.spawn(move || {
        while let Ok(message) = receiver.recv() {
            if proxy.send_event(message).is_err() {
                return;
            }
        }
    });
    let mut handler = system::Handler::new(take);
    if forwarding.is_err() || events.run_app(&mut handler).is_err() {
        return Ending::Quit;
    }
    handler.ending
}

#[cfg(any(windows, target_os = "macos"))]
mod system {
    use super::{Ending, Message};
    use winit::application::ApplicationHandler;
    use winit::event::WindowEvent;
    use winit::event_loop::ActiveEventLoop;
    use winit::window::WindowId;

    /// There are no windows, so there is nothing to do but for messages.
    pub struct Handler<F> {
        take: F,
        pub ending: Ending,
    }

    impl<F> Handler<F> {
        pub fn new(take: F) -> Self {
            Self {
                take,
                ending: Ending::Stopped,
            }
        }
    }

    impl<F: FnMut(Message) -> Option<Ending>> ApplicationHandler<Message> for Handler<F> {
        fn resumed(&mut self, _: &ActiveEventLoop) {}

        fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, _: WindowEvent) {}

        fn user_event(&mut self, events: &ActiveEventLoop, message: Message) {
            if let Some(ending) = (self.take)(message) {
                self.ending = ending;
                events.exit();
            }
        }
    }
}
