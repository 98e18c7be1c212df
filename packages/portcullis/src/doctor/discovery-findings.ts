import type { PortcullisError } from "../base/errors.ts";
import { Discovery, type ProviderMetadata, wellKnownUrl } from "../protocol/discovery.ts";
import type { BoundedFetch } from "../protocol/http.ts";
import { type JsonObject, readJsonObject } from "../protocol/json.ts";
import type { Provider } from "../protocol/provider.ts";
import { toProviderText } from "../protocol/provider-text.ts";
import { type ClockReading, readClock } from "./clock-findings.ts";
import { type Finding, fail, ok } from "./finding.ts";
import { unreachable } from "./network-findings.ts";
import { type Subject, toError, variable } from "./subject.ts";

/** What a provider says of itself, and what is to be said of that. */
export interface DiscoveryResult {
	readonly findings: readonly Finding[];
	/** As the library reads it; absent if it refuses it. */
	readonly metadata?: ProviderMetadata;
	/** As it came. */
	readonly document: JsonObject;
	readonly clock?: ClockReading | undefined;
}

/** Walks the first step of every login with the library's own code, and says why it fails. */
export async function examineDiscovery(
	subject: Subject,
	fetch: BoundedFetch,
): Promise<DiscoveryResult> {
	const { provider, now } = subject;
	let document: JsonObject = {};
	let clock: ClockReading | undefined;
	const watching: BoundedFetch = async (url, request) => {
		const sentAt = now();
		const response = await fetch(url, request);
		clock = readClock(response, sentAt, now());
		document = (await readJsonObject(response.clone())) ?? {};
		return response;
	};
	const discovery = new Discovery({
		issuer: provider.issuer,
		otherIssuers: () => listedIssuers(provider),
		fetch: watching,
		now,
		provider: provider.name,
	});
	try {
		const metadata = await discovery.metadata();
		const title = `${provider.issuer} answers, and is the issuer that it says it is`;
		return {
			findings: [ok("discovery", title, { provider: provider.name })],
			metadata,
			document,
			clock,
		};
	} catch (error) {
		return { findings: [refused(subject, toError(error), document)], document, clock };
	}
}

function listedIssuers(provider: Provider): readonly string[] {
	const rule = provider.validIssuers();
	return typeof rule === "function" ? [] : rule;
}

function refused(subject: Subject, error: PortcullisError, document: JsonObject): Finding {
	const { provider } = subject;
	const by = { provider: provider.name };
	const setting = variable(subject, "ISSUER_URI");
	const url = wellKnownUrl(provider.issuer);
	const reason = error.reason ?? "";
	if (error.code === "provider_unreachable")
		return unreachable(error, {
			who: "The identity provider",
			url,
			...by,
			id: "discovery",
			setting,
		});
	if (error.code === "issuer_mismatch") return mismatch(subject, document);
	if (reason === "format" || reason.startsWith("status_"))
		return notFound(subject, reason, document);
	if (reason === "code_challenge_methods_supported")
		return fail("pkce", {
			...by,
			title: "The provider does not offer PKCE with S256",
			cause: "Its code_challenge_methods_supported does not list S256, and no login goes without",
			fix: "Allow PKCE with S256 for this client at the provider, or update the provider.",
		});
	return fail("metadata", {
		...by,
		title: `The metadata at ${url} cannot be used`,
		cause: error.message,
		fix: "Have the provider's administrator correct its metadata.",
	});
}

/** The document names another issuer: by a slash, of another tenant, or altogether. */
function mismatch(subject: Subject, document: JsonObject): Finding {
	const { provider } = subject;
	const by = { provider: provider.name };
	const setting = variable(subject, "ISSUER_URI");
	const named =
		typeof document.issuer === "string" ? toProviderText(document.issuer).slice(0, 200) : undefined;
	const title = `The issuer ${provider.issuer} is not the one that its metadata names`;
	if (named === undefined)
		return fail("issuer", {
			...by,
			title,
			cause: "The metadata names no issuer at all",
			fix: `Look whether ${setting} leads to an OpenID provider.`,
		});
	if (withoutSlash(named) === withoutSlash(provider.issuer)) {
		const cause = named.endsWith("/")
			? `The issuer has a trailing slash, and ${setting} has none`
			: `${setting} has a trailing slash, and the issuer has none`;
		return fail("issuer", { ...by, title, cause, fix: `Set ${setting}=${named}` });
	}
	if (named.includes("{tenantid}"))
		return fail("tenant", {
			...by,
			title,
			cause: `${provider.issuer} is an address for several tenants, and names no tenant`,
			fix: `Put the id of your tenant into ${setting}. For several tenants use the provider Azure with AZURE_TENANTS.`,
		});
	const isSameServer =
		URL.canParse(named) && new URL(named).origin === new URL(provider.issuer).origin;
	if (isSameServer)
		return fail("tenant", {
			...by,
			title,
			cause: `The metadata is of another tenant, realm or authorization server of the same provider: ${named}`,
			fix: `If that is the right one, set ${setting}=${named}`,
		});
	return fail("issuer", {
		...by,
		title,
		cause: `The metadata is of another issuer: ${named}`,
		fix: `If you trust that one, set ${setting}=${named}. Otherwise look for a proxy or an alias in between.`,
	});
}

/** Something answers, but is no OpenID provider. */
function notFound(subject: Subject, reason: string, document: JsonObject): Finding {
	const { provider } = subject;
	const by = { provider: provider.name };
	const setting = variable(subject, "ISSUER_URI");
	const said = toProviderText(String(document.error_description ?? document.error ?? ""));
	if (
		/AADSTS9000[0-9]|invalid_tenant|tenant .*not found/i.test(said) ||
		document.error === "invalid_tenant"
	)
		return fail("tenant", {
			...by,
			title: `There is no tenant at ${provider.issuer}`,
			cause: `The tenant in ${setting} does not exist: ${firstLine(said)}`,
			fix: `Copy the directory (tenant) ID of the app registration's overview page into ${setting}.`,
		});
	const what =
		reason === "format"
			? "is no JSON object"
			: `answered with status ${reason.slice("status_".length)}`;
	return fail("issuer", {
		...by,
		title: `There is no OpenID provider at ${provider.issuer}`,
		cause: `${setting} is not an issuer: ${wellKnownUrl(provider.issuer)} ${what}`,
		fix: `Copy the issuer from the provider's console; its path counts (tenant, realm, authorization server). It is right if that address shows JSON.`,
	});
}

function withoutSlash(text: string): string {
	return text.replace(/\/$/, "");
}

function firstLine(text: string): string {
	return text.split(/\.\s|\r|\n/, 1)[0] ?? "";
}
