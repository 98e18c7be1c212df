/** A person to sign in as, in development and in tests. */
export interface DevPerson {
	/**
	 * Subject identifier: stable, unique, 1 to 255 ASCII characters (OpenID Connect Core 1.0 section
	 * 2).
	 */
	readonly sub: string;
	/** Full name, as the card and the `name` claim have it. */
	readonly name: string;
	/** E-mail address; `email_verified` is always true. */
	readonly email: string;
	/**
	 * `https:`, `http:` or `data:image/` URL of a picture. Default: initials, drawn and served by the
	 * identity provider itself.
	 */
	readonly picture?: string;
	/**
	 * Value of the `groups` claim. Without it there is no such claim, which is not the same as an
	 * empty list.
	 */
	readonly groups?: readonly string[];
	/**
	 * Further claims, sent with the `profile` scope. Claims of the protocol itself (`iss`, `aud`,
	 * `exp` ...) are refused.
	 */
	readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * The people of a development identity provider that was given none: an admin, a viewer, and a
 * person without the `groups` claim.
 */
export const defaultPeople: readonly DevPerson[] = [
	{ sub: "ada", name: "Ada Lovelace", email: "ada@example.com", groups: ["admins", "staff"] },
	{ sub: "vic", name: "Vic Viewer", email: "vic@example.com", groups: ["viewers"] },
	{ sub: "nora", name: "Nora Nogroup", email: "nora@example.com" },
];

/** Path of the drawn avatar of a person, below the issuer. */
export function avatarPath(sub: string): string {
	return `/avatars/${encodeURIComponent(sub)}.svg`;
}

/** All claims of a person, apart from those that the protocol itself adds. */
export function claimsOf(person: DevPerson, issuer: string): Record<string, unknown> {
	const [givenName, ...rest] = person.name.split(" ");
	return {
		given_name: givenName,
		...(rest.length > 0 && { family_name: rest.join(" ") }),
		preferred_username: person.email,
		...person.claims,
		sub: person.sub,
		name: person.name,
		email: person.email,
		email_verified: true,
		picture: person.picture ?? issuer + avatarPath(person.sub),
		...(person.groups !== undefined && { groups: [...person.groups] }),
	};
}
