import { useState } from "react";
import { useServerState } from "./portcullis.ts";

export interface Draft {
	readonly text: string;
	/** True if the server has what stands here. */
	readonly isSaved: boolean;
	/** The person typed. */
	change(text: string): void;
	/** The note was sent. */
	clear(): void;
}

/**
 * A text that the server keeps for this tab, so that a reload does not lose it. What the person
 * types counts at once, and is saved in pauses.
 */
export function useDraft(): Draft {
	const { draft: saved, saveDraft } = useServerState("notes");
	// Until the person types, the server's draft is what there is; it may come a moment after a
	// reload.
	const [typed, setTyped] = useState<string>();
	const text = typed ?? saved;
	const change = (next: string) => {
		setTyped(next);
		void saveDraft(next);
	};
	return { text, isSaved: text !== "" && text === saved, change, clear: () => change("") };
}
