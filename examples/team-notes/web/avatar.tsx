import { createContext, useContext, useState } from "react";

/**
 * Where the policy of the document lets pictures come from. A person who signs in later, in another
 * tab, may have theirs elsewhere.
 */
export const PictureOrigin = createContext<string | null>(null);

/**
 * A person's picture, or their initials where there is none or the browser does not load it.
 * Decoration beside the name.
 */
export function Avatar({
	name,
	picture,
	size,
}: {
	name: string;
	picture: string | null;
	size: number;
}) {
	const [isBroken, setBroken] = useState(false);
	const allowed = useContext(PictureOrigin);
	if (picture === null || isBroken || URL.parse(picture)?.origin !== allowed) {
		return (
			<span className="avatar" aria-hidden="true">
				{initialsOf(name)}
			</span>
		);
	}
	return (
		<img
			className="avatar"
			src={picture}
			alt=""
			width={size}
			height={size}
			referrerPolicy="no-referrer"
			onError={() => setBroken(true)}
		/>
	);
}

function initialsOf(name: string): string {
	const words = name.split(/\s+/).filter(Boolean);
	const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
	// Spread: a first letter may take two code units.
	return ends.map((word) => [...(word ?? "")][0] ?? "").join("");
}
