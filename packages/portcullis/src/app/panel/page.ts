import type { Finding, FindingStatus } from "../../doctor/finding.ts";
import { COOKIE_BUDGET } from "../../session/seal-session.ts";
import { document } from "../../views/document.ts";
import { safePath } from "../../views/href.ts";
import { type Html, html, trustedHtml } from "../../views/html.ts";
import type { Surface, SurfaceCheck } from "../surfaces.ts";
import { panelStyles } from "./panel-styles.ts";
import type { AuditRecord } from "./parts.ts";
import { shownClaim } from "./shown-claim.ts";

/** A provider, without its secret. */
export interface ShownProvider {
	readonly name: string;
	readonly displayName: string;
	readonly issuer: string;
	readonly clientId: string;
	readonly isPublic: boolean;
	readonly redirectUri: string;
	/** `undefined` while doctor is still looking. */
	readonly findings: readonly Finding[] | undefined;
}

/** Who is asking, without tokens. Times are seconds from now. */
export interface ShownPerson {
	readonly provider: string;
	readonly name: string;
	readonly sub: string;
	readonly claims: Readonly<Record<string, unknown>>;
	readonly scopes: readonly string[];
	readonly accessTokenEndsIn: number;
	/** Time until the cookies stop signing the person in, unless they are refreshed before. */
	readonly nobodyIn: number;
	readonly deadlineIn: number;
	readonly hasRefreshToken: boolean;
	/** How often the session was renewed. */
	readonly rotation: number;
	/** Cookies of the gate in this browser. */
	readonly cookies: readonly { readonly name: string; readonly bytes: number }[];
}

export interface PanelContent {
	readonly nonce: string;
	readonly providers: readonly ShownProvider[];
	readonly person: ShownPerson | undefined;
	readonly loginHref: string;
	readonly logoutHref: string;
	readonly surfaces: readonly Surface[];
	/** The newest first. */
	readonly records: readonly AuditRecord[];
}

const STATUS: Readonly<Record<FindingStatus, string>> = {
	ok: "ok",
	warn: "look",
	fail: "fix",
	skipped: "unknown",
};

/** The developer panel as a page, in English: it is for those who write the app. No script. */
export function panelPage(content: PanelContent): Html {
	const { nonce, providers, person, surfaces, records } = content;
	return document({
		title: "Portcullis panel",
		nonce,
		lang: "en",
		head: html`<style nonce="${nonce}">${trustedHtml(panelStyles)}</style>`,
		body: html`<h1>Portcullis</h1>
<p class="muted">Development only, and only for a browser on this machine. Nothing here changes anything.</p>
<section aria-labelledby="who"><h2 id="who">Who is signed in</h2>${person ? signedIn(person, content) : nobody(content)}</section>
<section aria-labelledby="providers"><h2 id="providers">Providers</h2>${providers.map(providerPart)}</section>
<section aria-labelledby="surfaces"><h2 id="surfaces">Surfaces</h2>${surfaceTable(surfaces)}</section>
<section aria-labelledby="audit"><h2 id="audit">Audit trail</h2>${auditTable(records)}</section>`,
	});
}

/** Says where the link is that opens the panel. Holds nothing of the app. */
export function linkPage(nonce: string): Html {
	return document({
		title: "Portcullis panel",
		nonce,
		lang: "en",
		body: html`<h1>Open the panel from the console</h1>
<p>The app has printed a link where it was started. It begins with <code>portcullis panel:</code>. Open it once in this browser.</p>
<p>The link is printed once, and is good until the app stops. Over plain http on this machine it needs Chromium or Firefox: Safari does not keep the cookie.</p>`,
	});
}

function nobody({ loginHref }: PanelContent): Html {
	return html`<p>Nobody, in this browser.</p><ul class="links" role="list"><li><a href="${safePath(loginHref)}?redirect_to=%2F">Sign in</a></li></ul>`;
}

function signedIn(person: ShownPerson, { logoutHref }: PanelContent): Html {
	const total = person.cookies.reduce((sum, { bytes }) => sum + bytes, 0);
	const facts = [
		["Person", `${person.name} (${person.sub}), by ${person.provider}`],
		["Scopes granted", person.scopes.join(" ")],
		[
			"Access token",
			`${lasts(person.accessTokenEndsIn)}, ${person.hasRefreshToken ? "then renewed" : "no refresh token"}`,
		],
		["Signed in", `for ${duration(person.nobodyIn)} more without a renewal`],
		["Session", `${lasts(person.deadlineIn)} at the latest, renewed ${person.rotation} times`],
		["Cookies", `${total} of ${COOKIE_BUDGET} bytes`],
	];
	return html`<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
${table(
	"Claims",
	["Claim", "Value"],
	Object.entries(person.claims).map(([name, value]) => [
		html`<code>${name}</code>`,
		html`<code>${shownClaim(name, value)}</code>`,
	]),
)}
${table(
	"Cookies of the gate",
	["Cookie", "Bytes"],
	person.cookies.map(({ name, bytes }) => [html`<code>${name}</code>`, String(bytes)]),
)}
<ul class="links" role="list"><li><a href="${safePath(logoutHref)}">Sign out</a></li></ul>`;
}

function providerPart(provider: ShownProvider): Html {
	const { name, displayName, issuer, clientId, isPublic, redirectUri, findings } = provider;
	return html`<h3>${displayName} <code>${name}</code></h3>
<dl class="facts">
<div><dt>Issuer</dt><dd><code>${issuer}</code></dd></div>
<div><dt>Client</dt><dd><code>${clientId}</code>${isPublic ? ", public" : ", with a secret"}</dd></div>
<div><dt>Redirect URI</dt><dd><code>${redirectUri}</code></dd></div>
</dl>
${findings ? html`<ul class="findings" role="list">${findings.map(findingPart)}</ul>` : html`<p class="notice">Doctor is still looking. Reload in a moment.</p>`}`;
}

function findingPart({ status, title, cause, fix }: Finding): Html {
	return html`<li class="${status}"><span class="status">${STATUS[status]}</span><div>${title}${
		cause !== undefined && html`<p>${cause}.</p>`
	}${fix !== undefined && html`<p><strong>To do:</strong> ${fix}</p>`}</div></li>`;
}

function surfaceTable(surfaces: readonly Surface[]): Html {
	const rows = surfaces.map(({ kind, name, rule, check, isDefault, site }) => [
		kind,
		html`<code>${name}</code>`,
		html`${rule === "public" ? html`<strong class="public">public</strong>` : check ? checkName(check) : "signed in"}${isDefault && " (default)"}`,
		html`<code>${place(site)}</code>`,
	]);
	return html`${table("What the gate protects, and for whom", ["Kind", "Surface", "Who", "Defined"], rows)}
<p class="muted">Routes of the app behind the gate are in the list of <code>portcullis surfaces</code>.</p>`;
}

function checkName({ name, made }: SurfaceCheck): string {
	const recipe =
		made &&
		`${made.by}(${made.of.map((of) => (typeof of === "string" ? of : checkName(of))).join(", ")})`;
	return name ?? recipe ?? "a check";
}

/** The last folders of a path are enough for the developer who wrote it. */
function place(site: string | undefined): string {
	const [, path = "", line = ""] = /^(.*?)(?:\?[^?]*)?:(\d+):\d+$/.exec(site ?? "") ?? [];
	return path === "" ? "" : `${path.split("/").slice(-2).join("/")}:${line}`;
}

function auditTable(records: readonly AuditRecord[]): Html {
	if (records.length === 0) return html`<p>Nothing has happened yet.</p>`;
	const rows = records.map(({ action, outcome, context }) => [
		html`<time datetime="${new Date(context.time).toISOString()}">${new Date(context.time).toISOString().slice(11, 19)}</time>`,
		html`<code>${action}</code>`,
		html`<code>${outcome}</code>${context.reason !== undefined && html` <code>${context.reason}</code>`}`,
		html`<code>${context.handler ?? context.route ?? ""}</code>`,
		context.userinfo?.name ?? context.userinfo?.sub ?? "",
	]);
	return table(
		`The last ${records.length} records, UTC`,
		["Time", "Action", "Outcome", "Where", "Who"],
		rows,
	);
}

/** Wide tables scroll by themselves, also by keyboard. */
function table(
	caption: string,
	headings: readonly string[],
	rows: readonly (readonly (Html | string)[])[],
): Html {
	return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function lasts(seconds: number): string {
	return seconds <= 0 ? "has ended" : `ends in ${duration(seconds)}`;
}

function duration(seconds: number): string {
	if (seconds < 120) return `${Math.max(0, seconds)} s`;
	if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
	return seconds < 172_800
		? `${Math.round(seconds / 3600)} h`
		: `${Math.round(seconds / 86_400)} days`;
}
