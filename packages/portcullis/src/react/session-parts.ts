import { createElement, type MouseEvent, type ReactNode, useSyncExternalStore } from "react";
import { useClient } from "./context.ts";
import { useSession } from "./use-session.ts";
import { ignore, useText } from "./use-text.ts";

/**
 * Renders its children for people who are signed in. Nothing is protected by it: values are
 * withheld by the server.
 */
export function SignedIn({ children }: { readonly children?: ReactNode }): ReactNode {
	return useSession()?.signedIn === true ? children : null;
}

/** Renders its children once it is known that no person is signed in. */
export function SignedOut({ children }: { readonly children?: ReactNode }): ReactNode {
	return useSession()?.signedIn === false ? children : null;
}

export interface LoginButtonProps {
	/** Name of the provider. Default: the login page offers all. */
	readonly provider?: string;
	/** Path to come back to. Default: where the browser is. */
	readonly redirectTo?: string;
	readonly className?: string;
	/** Default: "Sign in", in the language of the page. */
	readonly children?: ReactNode;
}

/**
 * A link to the login page, which works without script. In a frame, with script, it opens a popup.
 */
export function LoginButton({
	provider,
	redirectTo,
	className,
	children,
}: LoginButtonProps): ReactNode {
	const client = useClient();
	// A server does not know where its page is shown: until script runs, the way back is the front
	// page.
	const href = useSyncExternalStore(
		neverChanges,
		() => client.loginHref(provider, redirectTo),
		() => client.loginHref(provider, redirectTo ?? "/"),
	);
	const onClick = (event: MouseEvent<HTMLAnchorElement>) => {
		const { currentTarget } = event;
		// A client-side router may have moved on since.
		currentTarget.href = client.loginHref(provider, redirectTo);
		if (parent === window) return;
		event.preventDefault();
		void client.login(provider, redirectTo);
	};
	const label = useText("signIn", "Sign in");
	return createElement("a", { href, className, onClick }, children ?? label);
}

export interface LogoutButtonProps {
	readonly className?: string;
	/** Default: "Sign out", in the language of the page. */
	readonly children?: ReactNode;
}

/** A form that leads to the page that ends the session. Works without script. */
export function LogoutButton({ className, children }: LogoutButtonProps): ReactNode {
	const label = useText("signOut", "Sign out");
	const button = createElement("button", { type: "submit", className }, children ?? label);
	return createElement("form", { action: useClient().logoutPath }, button);
}

function neverChanges(): () => void {
	return ignore;
}
