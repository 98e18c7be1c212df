import { type Html, html, trustedHtml } from "../views/html.ts";
import { avatarPath, type DevPerson } from "./dev-idp-people.ts";
import type { Page } from "./dev-idp-respond.ts";
import { styles } from "./dev-idp-styles.ts";

/** What the people page shows. */
export interface PeoplePageContent {
	readonly people: readonly DevPerson[];
	/** Path that the form is sent to. */
	readonly action: string;
	readonly appName: string;
	/** Origin that the person returns to. */
	readonly appOrigin: string;
	/** Scopes as asked. */
	readonly scopes: readonly string[];
	/** `sub` of the person who is signed in already. */
	readonly current: string | undefined;
}

/** "Choose who you are": one button per person in one form, and one to give up. */
export function peoplePage({
	people,
	action,
	appName,
	appOrigin,
	scopes,
	current,
}: PeoplePageContent): Page {
	return page(
		"Choose who you are",
		html`<main>
			<p class="badge">Development only, no passwords</p>
			<h1>Choose who you are</h1>
			<p class="lead">You are signing in to <strong>${appName}</strong> at <strong>${appOrigin}</strong>.</p>
			<form method="post" action="${action}">
				<ul class="people">${people.map((person) => html`<li>${card(person, person.sub === current)}</li>`)}</ul>
				<p class="actions"><button class="button" name="cancel" value="yes">Cancel</button></p>
			</form>
		</main>
		<footer>
			<p>This is a development identity provider. It signs in anybody as anybody, on this machine only.</p>
			<p>Asked for: ${scopes.map((scope) => html`<code>${scope}</code> `)}</p>
		</footer>`,
	);
}

/**
 * Asks before the session is ended. `form` is the engine's, with its protection against forged
 * requests.
 */
export function signOutPage(appName: string | undefined, form: string): Page {
	return page(
		"Sign out?",
		html`<main class="narrow">
			<p class="badge">Development only</p>
			<div class="panel">
				<h1>Sign out?</h1>
				<p>${appName === undefined ? "An app" : html`<strong>${appName}</strong>`} asks to end your session with the development identity provider.</p>
				${trustedHtml(form)}
				<p class="actions">
					<button class="button main" form="op.logoutForm" name="logout" value="yes">Sign out</button>
					<button class="button" form="op.logoutForm">Stay signed in</button>
				</p>
			</div>
		</main>`,
	);
}

/** The end of a logout that named no page to return to. */
export function signedOutPage(): Page {
	return page(
		"Signed out",
		html`<main class="narrow">
			<p class="badge">Development only</p>
			<div class="panel"><h1>You are signed out</h1><p>The session with the development identity provider has ended. You can close this page.</p></div>
		</main>`,
	);
}

/**
 * The error page of a request that cannot be answered, in the words of the protocol: its reader is
 * building the app.
 */
export function errorPage(error: {
	readonly error?: string;
	readonly error_description?: string;
}): Page {
	return page(
		"Sign-in error",
		html`<main class="narrow">
			<p class="badge">Development only</p>
			<div class="panel">
				<h1>This request cannot be answered</h1>
				<p><code>${error.error}</code>${error.error_description && html`: ${error.error_description}`}</p>
				<p>${remedies[error.error ?? ""]}</p>
			</div>
		</main>`,
	);
}

const remedies: Readonly<Record<string, string>> = {
	invalid_redirect_uri:
		"Codes are sent to this machine only: localhost, 127.0.0.1 or ::1, on any port, without a fragment.",
	invalid_client:
		"The client id is not one that this identity provider was started with. Compare OIDC_CLIENT_ID.",
};

function card({ sub, name, email, picture, groups }: DevPerson, isCurrent: boolean): Html {
	return html`<button class="person" name="person" value="${sub}">
		<img src="${picture ?? avatarPath(sub)}" alt="" width="72" height="72">
		<span>
			<span class="name">${name}</span>
			<span class="email">${email}</span>
			<span class="groups">${isCurrent && html`<span class="group now">signed in now</span>`}${chips(groups)}</span>
		</span>
	</button>`;
}

function chips(groups: readonly string[] | undefined): Html | Html[] {
	if (groups === undefined) return html`<span class="group none">no groups claim</span>`;
	if (groups.length === 0) return html`<span class="group none">no groups</span>`;
	return groups.map((group) => html`<span class="group">${group}</span>`);
}

/** The frame of every page: `body` is a `<main>` and, if need be, a `<footer>`. */
export function page(title: string, body: Html): Page {
	return (nonce) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} - development identity provider</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${styles}</style>
</head>
<body>${body}</body>
</html>`;
}
