/* trueno from C: compile, ask, run, and what a refusal says. */
#include <stdio.h>
#include <trueno.h>

static int failed(trueno_error* error) {
  fprintf(stderr, "%s: %s", trueno_status_name(error->status), error->text);
  trueno_error_free(error);
  return 1;
}

int main(void) {
  const char* text = "kernel f(x: f64[], a: f64) -> (y: f64[], norm: f64) { y = a*x; y, norm_l2(y) }";
  double x[] = {3, 4, 12}, y[3], norm = 0, total = 0;
  trueno_kernel* kernel = NULL;
  trueno_error* error = NULL;
  if (trueno_compile(text, TRUENO_NUL_TERMINATED, NULL, &kernel, &error)) return failed(error);

  for (size_t i = 0; i < trueno_kernel_parameter_count(kernel); ++i) {
    trueno_slot slot = trueno_kernel_parameter(kernel, i);
    printf("%s: %s%s\n", slot.name, trueno_type_name(slot.type), slot.array ? "[]" : "");
  }

  trueno_arg in[2] = {trueno_array(TRUENO_F64, x, 3), trueno_f64(0.5)};
  trueno_out out[2] = {trueno_array_out(TRUENO_F64, y, 3), trueno_scalar_out(TRUENO_F64, &norm)};
  if (trueno_run(kernel, in, 2, out, 2, &error)) return failed(error);
  printf("%g %g %g, norm %g\n", y[0], y[1], y[2], norm);

  if (trueno_sum_f64(x, 3, &total, &error)) return failed(error);
  printf("sum %g\n", total);

  in[1] = trueno_f32(0.5f);
  if (trueno_run(kernel, in, 2, out, 2, &error)) {
    printf("%s: %s\n", trueno_status_name(error->status), error->diagnostics[0]->message);
    trueno_error_free(error);
  }
  trueno_kernel_release(kernel);
  return 0;
}
