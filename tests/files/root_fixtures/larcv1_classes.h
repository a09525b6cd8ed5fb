// The image classes of larcv1 (2016), declared anew from their published layout: an image's corner is its top left one
// and rows count downwards. Written for make_larcv2.py.
#include <string>
#include <vector>

namespace larcv {
struct Point2D { double x = 0, y = 0; };
struct EventBase {
  virtual ~EventBase() {}
  std::string _producer;
  size_t _run = 0, _subrun = 0, _event = 0;
};
struct ImageMeta {
  unsigned short _image_id = 0;
  Point2D _origin;
  double _width = 0, _height = 0;
  size_t _col_count = 0, _row_count = 0;
  unsigned short _plane = 0;
};
struct Image2D { virtual ~Image2D() {} std::vector<float> _img; ImageMeta _meta; };
struct EventImage2D : public EventBase { std::vector<larcv::Image2D> _image_v; };
}  // namespace larcv

#ifdef __CLING__
#pragma link C++ nestedclasses;
#pragma link C++ namespace larcv;
#pragma link C++ class larcv::Point2D+;
#pragma link C++ class larcv::EventBase+;
#pragma link C++ class larcv::ImageMeta+;
#pragma link C++ class larcv::Image2D+;
#pragma link C++ class std::vector<larcv::Image2D>+;
#pragma link C++ class larcv::EventImage2D+;
#endif
