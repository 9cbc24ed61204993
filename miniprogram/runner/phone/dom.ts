/** Makes an element of the phone's own, with attributes and children. */
export function make(tag: string, attributes: Record<string, string>, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Makes something that a person can tap. */
export function makeButton(text: string, className: string, onTap: () => void): HTMLElement {
  const button = make("div", { class: className, role: "button" }, text);
  button.addEventListener("click", onTap);
  return button;
}
