import { examineClaims, examineEndSession, examinePkce } from "./capability-findings.ts";
import { examineClient } from "./client-findings.ts";
import { examineClock } from "./clock-findings.ts";
import { examineDiscovery } from "./discovery-findings.ts";
import { type Finding, type FindingId, fitToShow, skipped } from "./finding.ts";
import { examineKeys } from "./keys-findings.ts";
import { examineRedirect } from "./redirect-findings.ts";
import { boundedFetch, type Subject } from "./subject.ts";

/** What needs the metadata. */
const LATER: readonly FindingId[] = [
	"keys",
	"clock",
	"client",
	"redirect-uri",
	"end-session",
	"claims",
];

/**
 * Walks the login path of one provider as far as it goes without a person: discovery, keys, clock,
 * client authentication, redirect URIs, logout and claims. Every call is bounded in time and size.
 * No person is signed in.
 */
export async function examineProvider(subject: Subject): Promise<readonly Finding[]> {
	const fetch = boundedFetch(subject);
	const { findings, metadata, document, clock } = await examineDiscovery(subject, fetch);
	if (metadata === undefined) return clean(subject, [...findings, notReached(subject)]);
	const [keys, client, endSession, ...redirects] = await Promise.all([
		examineKeys(subject, metadata, fetch),
		examineClient(subject, metadata, fetch),
		examineEndSession(subject),
		...subject.redirectUris.map((redirectUri) => examineRedirect(subject, redirectUri, fetch)),
	]);
	return clean(subject, [
		...findings,
		examinePkce(subject, document),
		keys,
		examineClock(subject, client.clock ?? clock),
		client.finding,
		...withoutRepeats(redirects),
		endSession,
		...examineClaims(subject, document),
	]);
}

/** With a provider that cannot be asked, or that is not the right one, the rest would be noise. */
function notReached({ provider }: Subject): Finding {
	return skipped("endpoints", {
		provider: provider.name,
		title: `Not looked at: ${LATER.join(", ")}`,
		cause: "The steps before have to work first",
	});
}

/** A client that is not known is not known for each of its redirect URIs. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
	const key = ({ id, title }: Finding) => `${id} ${title}`;
	return findings.filter(
		(finding, i) => findings.findIndex((other) => key(other) === key(finding)) === i,
	);
}

function clean({ provider }: Subject, findings: readonly Finding[]): readonly Finding[] {
	return findings.map((finding) => fitToShow(finding, [provider.clientSecret]));
}
