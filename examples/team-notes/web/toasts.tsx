import { useEffect, useState } from "react";
import { useToasts } from "./portcullis.ts";

type Shown = ReturnType<typeof useToasts>["toasts"][number];

/** Good news goes by itself. Milliseconds. */
const SHOWN_FOR = 8000;

/**
 * Messages of the server, and of the client when an event is refused, in this app's looks instead
 * of the library's.
 */
export function Toasts() {
	const { toasts, dismiss } = useToasts();
	const items = (isError: boolean) =>
		toasts
			.filter(({ kind }) => (kind === "error") === isError)
			.map((toast) => <Item key={toast.id} toast={toast} onDismiss={dismiss} />);
	return (
		<section className="toasts" aria-label="Messages">
			<div role="status">{items(false)}</div>
			<div role="alert">{items(true)}</div>
		</section>
	);
}

/**
 * Errors stay until they are dismissed; nothing goes under the pointer or with the focus inside.
 */
function Item({
	toast: { id, kind, message },
	onDismiss,
}: {
	toast: Shown;
	onDismiss: (id: number) => void;
}) {
	const [isHeld, hold] = useState(false);
	useEffect(() => {
		if (isHeld || kind === "error") return;
		const timer = setTimeout(onDismiss, SHOWN_FOR, id);
		return () => clearTimeout(timer);
	}, [isHeld, kind, id, onDismiss]);
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: looking at it is what holds it; there is nothing to operate
		<div
			className={`toast ${kind}`}
			onMouseEnter={() => hold(true)}
			onMouseLeave={() => hold(false)}
			onFocus={() => hold(true)}
			onBlur={() => hold(false)}
		>
			<p>{message}</p>
			<button
				type="button"
				className="icon-button"
				aria-label="Dismiss"
				onClick={() => onDismiss(id)}
			>
				<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
					<path d="m6 6 12 12M18 6 6 18" />
				</svg>
			</button>
		</div>
	);
}
