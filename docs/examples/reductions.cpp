// Reductions: ready-made ones, and any of them over the elements that a condition lets pass.
#include <trueno/trueno.h>

#include <cstdio>
#include <vector>

int main() {
  const std::vector<double> price = {12.5, 80.0, 7.25, 99.0, 40.0};
  const std::vector<std::int32_t> sold = {3, 0, 12, 1, 5};

  std::printf("sum %g, mean %g\n", trueno::sum(price), trueno::mean(price));
  const auto most = trueno::max(sold);  // of no elements there is none
  std::printf("most sold at once: %d\n", most ? *most : -1);
  std::printf("of nothing: %s\n", trueno::max(std::vector<float>()) ? "a maximum" : "no maximum");

  const auto report = trueno::compile(R"(
    kernel report(price: f64[], sold: i32[], limit: f64) -> (turnover: f64, cheap_mean: f64, dearest_sold: f64) {
      n = f64(sold)
      sum(price * n), mean(price where price < limit), max(price where sold > 0)
    }
  )");
  if (!report) return std::fputs(report.error().text().c_str(), stderr), 1;
  double turnover = 0, cheap_mean = 0, dearest_sold = 0;
  const auto done = report->run({price, sold, 50.0}, {turnover, cheap_mean, dearest_sold});
  if (!done) return std::fputs(done.error().text().c_str(), stderr), 1;
  std::printf("turnover %g, mean below 50 %g, dearest sold %g\n", turnover, cheap_mean, dearest_sold);
}
