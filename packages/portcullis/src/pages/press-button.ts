// Presses the button instead of calling `form.submit`, which a field of that name would hide. A
// person who presses it as well sends nothing twice: what the form carries can often be used only
// once.

const form = document.querySelector("form") as HTMLFormElement;
let isSent = false;
form.addEventListener("submit", (event) => {
	if (isSent) event.preventDefault();
	isSent = true;
});
addEventListener("pageshow", (event) => {
	if (event.persisted) isSent = false;
});
(form.querySelector("button") as HTMLButtonElement).click();
