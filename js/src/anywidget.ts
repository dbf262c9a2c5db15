/** The host where no extension can be installed: one module for anywidget. */
export default {};
