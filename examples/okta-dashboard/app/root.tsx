import type { ReactNode } from "react";
import {
	isRouteErrorResponse,
	Links,
	type LoaderFunctionArgs,
	Meta,
	Outlet,
	Scripts,
	ScrollRestoration,
	useLoaderData,
	useRouteError,
} from "react-router";
import { guardNavigation } from "./navigation-guard.ts";
import { Notice } from "./notice.tsx";
import { pageContext } from "./page-context.ts";
import { PortcullisProvider } from "./portcullis.ts";
import { ReloadForOthers } from "./reload-for-others.tsx";
import { SiteHeader } from "./site-header.tsx";
import "./styles.css";

/** The one loader: each caller gets the values that they may see, and the first paint has them. */
export async function loader({ context }: LoaderFunctionArgs) {
	return { snapshot: await context.get(pageContext).snapshot() };
}

/** From then on the values come by themselves. */
export const shouldRevalidate = () => false;

export const clientMiddleware = [guardNavigation];

export function Layout({ children }: { children: ReactNode }) {
	return (
		<html lang="en">
			<head>
				<meta charSet="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="color-scheme" content="light dark" />
				<Meta />
				<link rel="icon" href="/favicon.ico" type="image/svg+xml" />
				{/* Style sheets come from here, and need no nonce. A browser hides nonces, so that one would not match when React takes over. */}
				<Links nonce="" />
			</head>
			<body>
				{children}
				<ScrollRestoration />
				<Scripts />
			</body>
		</html>
	);
}

export default function App() {
	const { snapshot } = useLoaderData<typeof loader>();
	return (
		<PortcullisProvider snapshot={snapshot}>
			<ReloadForOthers sub={snapshot.session.signedIn ? snapshot.session.user.sub : undefined} />
			<a className="skip-link" href="#main">
				Skip to content
			</a>
			<SiteHeader />
			<main id="main" tabIndex={-1}>
				<Outlet />
			</main>
		</PortcullisProvider>
	);
}

export function ErrorBoundary() {
	const error = useRouteError();
	const isMissing = isRouteErrorResponse(error) && error.status === 404;
	return isMissing ? (
		<Notice title="There is no such page">
			<a href="/">To the overview</a> or <a href="/profile">to your profile</a>.
		</Notice>
	) : (
		<Notice title="Something went wrong">
			It is in the server's log. <a href="/">Try again from the overview</a>.
		</Notice>
	);
}
