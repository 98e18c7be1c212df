import type { EventResult } from "portcullis/client";
import { type FormEvent, useState } from "react";
import { MAX_NOTE_LENGTH } from "../shared/types.ts";
import { useServerState } from "./portcullis.ts";
import { useDraft } from "./use-draft.ts";

export function NoteForm() {
	const addNote = useServerState("notes", (notes) => notes.addNote);
	const draft = useDraft();
	const [problem, setProblem] = useState<string>();
	const [isSending, setSending] = useState(false);

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (isSending) return;
		setSending(true);
		const result = await addNote(draft.text);
		setSending(false);
		setProblem(problemOf(result));
		if (result.ok) draft.clear();
	};

	return (
		<form className="card note-form" onSubmit={submit}>
			<label htmlFor="note">New note</label>
			<textarea
				id="note"
				rows={3}
				required
				maxLength={MAX_NOTE_LENGTH}
				value={draft.text}
				readOnly={isSending}
				onChange={(event) => draft.change(event.target.value)}
				placeholder="What should the others know?"
				{...(problem === undefined
					? {}
					: { "aria-describedby": "note-problem", "aria-invalid": true })}
			/>
			{problem !== undefined && (
				<p className="problem" id="note-problem" role="alert">
					{problem}
				</p>
			)}
			<div className="actions">
				<button type="submit" className="button" aria-disabled={isSending}>
					{isSending ? "Adding ..." : "Add note"}
				</button>
				<p className="muted">{draft.isSaved && "Draft saved"}</p>
			</div>
		</form>
	);
}

/** What a person is told, `undefined` if there is nothing to tell. */
function problemOf(result: EventResult<void>): string | undefined {
	switch (result.status) {
		case "invalid":
			return `A note has 1 to ${MAX_NOTE_LENGTH} characters.`;
		case "failed":
			result.handled();
			return "That did not work. Try again in a moment.";
		case "unknown":
			result.handled();
			return "The server did not answer. Look whether your note is in the list before you send it again.";
		default:
			// Denied ones are told by a toast, or by the login page.
			return undefined;
	}
}
