import { type CSSProperties, createElement, type ReactNode, useEffect, useState } from "react";
import type { ShownToast } from "../client/toasts.ts";
import { useToasts } from "./use-session.ts";
import { useText } from "./use-text.ts";

/** How long a message that is no error stays. Milliseconds. */
const SHOWN_FOR = 8000;

/**
 * The messages for the person. Errors stay until they are dismissed; others go after 8 seconds, but
 * not under the pointer or with the focus inside. Classes to style by: `portcullis-toasts`,
 * `portcullis-toast`, and `portcullis-toast-error` and so on for the kind.
 */
export function ToastList(): ReactNode {
	const { toasts, dismiss } = useToasts();
	const region = (role: string, shown: readonly ShownToast[], edge: CSSProperties) =>
		// The region is there before what it announces, or it would not be announced.
		createElement(
			"div",
			{ role, key: role },
			shown.length > 0 &&
				createElement(
					"div",
					{ className: "portcullis-toasts", style: { ...STACK, ...edge } },
					shown.map((toast) => createElement(ToastItem, { key: toast.id, toast, dismiss })),
				),
		);
	return [
		region(
			"status",
			toasts.filter(({ kind }) => kind !== "error"),
			{ bottom: 0 },
		),
		region(
			"alert",
			toasts.filter(({ kind }) => kind === "error"),
			{ top: 0 },
		),
	];
}

interface ToastItemProps {
	readonly toast: ShownToast;
	readonly dismiss: (id: number) => void;
}

function ToastItem({ toast: { id, kind, message }, dismiss }: ToastItemProps): ReactNode {
	const [isHeld, hold] = useState(false);
	useEffect(() => {
		if (isHeld || kind === "error") return undefined;
		const timer = setTimeout(dismiss, SHOWN_FOR, id);
		return () => clearTimeout(timer);
	}, [isHeld, kind, id, dismiss]);
	return createElement(
		"div",
		{
			className: `portcullis-toast portcullis-toast-${kind}`,
			style: TOAST,
			onMouseEnter: () => hold(true),
			onMouseLeave: () => hold(false),
			onFocus: () => hold(true),
			onBlur: () => hold(false),
		},
		message,
		createElement(
			"button",
			{
				type: "button",
				"aria-label": useText("dismiss", "Dismiss"),
				style: BUTTON,
				onClick: () => dismiss(id),
			},
			"×",
		),
	);
}

const STACK: CSSProperties = {
	position: "fixed",
	right: 0,
	zIndex: 2147483647,
	padding: 16,
	maxWidth: "100%",
};
// System colours: readable in light, dark and forced colours, with any style of the app.
const TOAST: CSSProperties = {
	...{ display: "flex", alignItems: "center", gap: 12, marginTop: 8, padding: "8px 8px 8px 16px" },
	...{
		background: "Canvas",
		color: "CanvasText",
		border: "1px solid",
		borderRadius: 8,
		colorScheme: "light dark",
	},
};
const BUTTON: CSSProperties = {
	...{ minWidth: 32, minHeight: 32, marginLeft: "auto" },
	...{ font: "inherit", color: "inherit", background: "none", border: 0, cursor: "pointer" },
};
