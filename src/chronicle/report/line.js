for (const box of document.querySelectorAll("[data-line]")) {
  const told = JSON.parse(box.querySelector("script").textContent);
  const slider = box.querySelector("input"), out = box.querySelector("output");
  const show = () => {
    out.textContent = told[slider.value];
    slider.setAttribute("aria-valuetext", told[slider.value]);
  };
  slider.addEventListener("input", show);
  show();
}
